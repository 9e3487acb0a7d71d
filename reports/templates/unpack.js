"use strict";
// What the page has packed: the text of the element `id`, unpacked when first asked for.
const unpacked = {};
const unpack = (id) => {
  unpacked[id] ??= (async () => {
    const packed = atob(document.getElementById(id).textContent);
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  })();
  return unpacked[id];
};
const words = JSON.parse(document.getElementById("words").textContent);
