// Says of every number what it is and where it is from: under the pointer, at a click or a tap, and
// by the keyboard. Each section, and each evidence that is open, has one number that Tab reaches;
// arrows go on from there to its other numbers.
{
  const panel = document.getElementById("number-panel");
  const table = async () => JSON.parse(await unpack("number-table"));
  let found;
  const told = async (number) => {
    found ??= table();
    const { sources, numbers } = await found;
    const [computed, unit, source] = numbers[number.dataset.name] ?? [];
    return { computed, unit, source: sources[source] };
  };

  document.addEventListener("pointerover", async ({ target }) => {
    const number = target.closest?.("data");
    if (!number || number.title) return;
    const { computed, source } = await told(number);
    number.title = `${computed} (${source})`;
  });

  const place = (number) => {
    const { left, top, bottom } = number.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = panel;
    const below = bottom + 6 + offsetHeight <= innerHeight || top < offsetHeight;
    panel.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
    const beside = below ? bottom + 6 : top - offsetHeight - 6;
    panel.style.top = `${Math.max(8, Math.min(beside, innerHeight - offsetHeight - 8))}px`;
  };

  const open = async (number, byKeyboard) => {
    const parts = { ...(await told(number)), value: number.textContent, name: number.dataset.name };
    for (const part of panel.querySelectorAll("[data-part]")) {
      part.textContent = parts[part.dataset.part] || "–";
    }
    panel.showPopover();
    place(number);
    if (!byKeyboard) return;
    back = number;
    panel.focus();
  };
  let back;
  panel.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    back?.focus();
    back = undefined;
  });
  document.addEventListener("click", ({ target }) => {
    const number = target.closest("data");
    if (number && getSelection().isCollapsed) open(number, false);
  });

  // Each group has one stop.
  const groupOf = (number) => number.closest("details, section");
  const membersOf = (group) =>
    [...group.querySelectorAll("data")].filter((number) => groupOf(number) === group);
  const stop = (number, before) => {
    for (const name of ["tabindex", "role", "aria-haspopup", "aria-describedby"]) {
      before?.removeAttribute(name);
    }
    number.tabIndex = 0;
    number.setAttribute("role", "button");
    number.setAttribute("aria-haspopup", "dialog");
    number.setAttribute("aria-describedby", "number-keys");
  };
  const offer = (group) => {
    const [first] = membersOf(group);
    if (first && !group.querySelector(":scope data[tabindex]")) stop(first);
  };
  const NEXT = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const number = event.target;
    if (!number.matches("data[tabindex]")) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(number, true);
    } else if (event.key in NEXT) {
      event.preventDefault();
      const members = membersOf(groupOf(number));
      const next = members[members.indexOf(number) + NEXT[event.key]];
      if (!next) return;
      stop(next, number);
      next.focus();
    }
  });
  for (const section of document.querySelectorAll("section")) offer(section);
  const opened = ({ target }) => target.open && offer(target);
  for (const details of document.querySelectorAll("details")) details.addEventListener("toggle", opened);
}
