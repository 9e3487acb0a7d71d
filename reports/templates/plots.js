// Lets a reader explore the figures that have a plot. Until then, and on paper, the picture stands.
{
  const library = async () => {
    if (!window.vegaEmbed) {
      const script = document.createElement("script");
      script.textContent = await unpack("vega");
      document.head.append(script);
    }
    return window.vegaEmbed;
  };
  const DASHES = [[1, 0], [8.5, 2.5], [2, 2], [10, 2.5, 2, 2.5], [5, 5]];
  const SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down"];
  const GLYPHS = ["●", "■", "▲", "◆", "▼"];
  const lang = document.documentElement.lang;
  const inWriting = new Intl.NumberFormat(lang, { maximumSignificantDigits: 4 });
  const asNumber = (value) => {
    if (value === null || value === undefined) return words.none;
    const size = Math.abs(value);
    const odd = size && (size < 1e-4 || size >= 1e7);
    return odd ? value.toExponential(2).replace(".", words.point) : inWriting.format(value);
  };
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // A mark stands on every line at some ten places, as in the picture.
  const rowsOf = ({ label, x, y, low, high, at: steps }) =>
    x.map((each, at) => ({
      series: label, at: steps?.[at] ?? at, x: each, y: y[at], low: low?.[at], high: high?.[at],
      marked: at % Math.ceil(x.length / 12) === 0,
    }));

  const chartOf = (chart, plot, logarithmic) => {
    const own = structuredClone(chart);
    const labels = plot.series.map(({ label }) => label);
    const looks = plot.series.map(({ look }) => look);
    const scales = {
      color: { domain: labels, range: looks.map((look) => `var(--series-${look})`) },
      strokeDash: { domain: labels, range: looks.map((look) => DASHES[look]) },
      shape: { domain: labels, range: looks.map((look) => SHAPES[look]) },
    };
    for (const { mark, encoding } of own.layer) {
      for (const [name, scale] of Object.entries(scales)) {
        if (encoding[name]) encoding[name].scale = scale;
      }
      for (const name of ["x", "y"]) {
        if (!encoding[name]) continue;
        const { title, domain, log } = plot[name];
        const isLog = name === "y" ? logarithmic : log;
        const fits = isLog === log;
        encoding[name].title = title;
        encoding[name].scale = isLog ? { type: "log", nice: false } : { type: "linear", nice: false, zero: false };
        if (fits) encoding[name].scale.domain = domain;
      }
      if (plot.step && mark.type === "line") mark.interpolate = "step-after";
    }
    return own;
  };

  const nearest = (places, x) =>
    places.reduce((best, each, at) => (Math.abs(each - x) < Math.abs(places[best] - x) ? at : best), 0);

  const told = (plot, shown, at, places) => {
    const parts = shown.map(({ label, x, y, low, high, at: steps }) => {
      const own = nearest(plot.paths ? steps : x, places[at]);
      if (plot.paths) return `${label} (${asNumber(x[own])}; ${asNumber(y[own])})`;
      const band = low?.[own] != null ? ` [${asNumber(low[own])}; ${asNumber(high[own])}]` : "";
      return `${label} ${asNumber(y[own])}${band}`;
    });
    const where = plot.paths ? `${words.step} ${places[at]}` : `${plot.x.title} ${asNumber(places[at])}`;
    const floor = plot.floor ? [`${plot.floor[0]} ${asNumber(plot.floor[1])}`] : [];
    return [where, ...parts, ...floor];
  };

  const explore = async (figure, name) => {
    const [embed, charts, plots] = await Promise.all([
      library(), unpack("charts").then(JSON.parse), unpack("plots").then(JSON.parse),
    ]);
    const plot = plots[name];
    // Its caption and the values below say what it shows.
    const drawing = make("div", { class: "plot", "aria-hidden": "true" });
    if (plot.paths) for (const one of plot.series) one.at ??= [...one.x.keys()];
    const along = plot.series.flatMap(({ x, at }) => (plot.paths ? at : x));
    const places = [...new Set(along)].sort((a, b) => a - b);
    const slider = make("input", { type: "range", min: 0, max: places.length - 1, value: places.length - 1 });
    const values = make("output", {});
    const boxes = plot.series.map(({ label, look }) => {
      const box = make("input", { type: "checkbox" });
      box.checked = true;
      const glyph = make("span", { class: "glyph", "aria-hidden": "true", style: `color: var(--series-${look})` }, `─${GLYPHS[look]}─`);
      return make("label", {}, box, glyph, label);
    });
    const positive = plot.series.every(({ y }) => y.every((each) => each === null || each > 0));
    const log = make("input", { type: "checkbox" });
    log.checked = plot.y.log;
    const controls = make("div", { class: "explore" },
      make("div", { role: "group", "aria-label": words.lines }, ...boxes),
      make("label", {}, plot.paths ? words.step : plot.x.title, slider),
      values,
      ...(positive && !plot.paths ? [make("label", {}, log, words.logarithmic)] : []));

    let view;
    const shown = () => plot.series.filter((_, at) => boxes[at].firstChild.checked);
    const point = () => {
      const at = Number(slider.value);
      const cursor = shown().flatMap((one) => {
        const own = nearest(plot.paths ? one.at : one.x, places[at]);
        return [{ series: one.label, x: one.x[own], y: one.y[own] }];
      });
      const [where, ...lines] = told(plot, shown(), at, places);
      slider.setAttribute("aria-valuetext", where);
      values.replaceChildren(make("strong", {}, where), ...lines.map((line) => make("span", {}, line)));
      view.data("cursor", cursor).run();
    };
    const choose = () => {
      view.data("rows", shown().flatMap(rowsOf));
      point();
    };
    const draw = async () => {
      view?.finalize();
      const spec = chartOf(charts[plot.paths ? "paths" : "lines"], plot, log.checked);
      spec.datasets = {
        rows: shown().flatMap(rowsOf),
        cursor: [],
        levels: plot.levels.flatMap((line, at) => line.map(([x, y], of) => ({ line: at, at: of, x, y }))),
      };
      const format = words.point === "," ? { decimal: ",", thousands: ".", grouping: [3], currency: ["", ""] } : undefined;
      ({ view } = await embed(drawing, spec, { ast: true, actions: false, renderer: "svg", formatLocale: format }));
      view.addEventListener("pointermove", ({ clientX }) => {
        if (plot.paths) return;
        const left = drawing.querySelector("svg").getBoundingClientRect().left + view.origin()[0];
        slider.value = nearest(places, view.scale("x").invert(clientX - left));
        point();
      });
      point();
    };
    figure.querySelector("svg").after(drawing, controls);
    figure.classList.add("explored");
    await draw();
    slider.addEventListener("input", point);
    for (const box of boxes) box.addEventListener("change", choose);
    log.addEventListener("change", draw);
    return () => {
      view.finalize();
      drawing.remove();
      controls.remove();
      figure.classList.remove("explored");
    };
  };

  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    const button = make("button", { type: "button", "aria-expanded": "false" });
    const title = figure.querySelector("figcaption strong").textContent;
    let close;
    const tell = () => {
      button.textContent = close ? words.picture : words.explore;
      button.setAttribute("aria-label", `${button.textContent}: ${title}`);
      button.setAttribute("aria-expanded", String(Boolean(close)));
    };
    tell();
    button.addEventListener("click", async () => {
      button.disabled = true;
      if (close) close = void close();
      else close = await explore(figure, figure.dataset.plot);
      button.disabled = false;
      tell();
      button.focus();
    });
    figure.querySelector("figcaption").before(button);
  }
}
