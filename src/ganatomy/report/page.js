"use strict";
/* The report's script: which language, theme, budget, seed, ... is shown, and the charts drawn accordingly.
   Runs in the head, so that theme and language are right before anything is painted. */
(() => {
  const root = document.documentElement;
  const remembered = {
    get(name) { try { return localStorage.getItem(`ganatomy-report-${name}`); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(`ganatomy-report-${name}`, value); } catch { /* not everywhere allowed */ } },
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const state = {
    language: remembered.get("language") || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
    theme: remembered.get("theme") || (dark.matches ? "dark" : "light"),
    x: "updates",
    part: 0,
    picks: {}, // {budget: "b0", seed: "0", point: "1"}: one of several
    off: { arm: new Set(), seed: new Set(), line: new Set(), band: new Set() }, // what was switched off
    printing: false,
  };
  root.dataset.theme = state.theme;
  root.dataset.language = state.language;

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // ---- what is shown

  function show() {
    root.dataset.theme = state.theme;
    root.dataset.language = state.language;
    root.lang = state.language === "zh" ? "zh-CN" : "en";
    for (const name of ["aria-label", "alt", "title"]) {
      for (const element of all(`[data-${name}-en]`)) {
        const text = element.getAttribute(`data-${name}-${state.language}`);
        if (element === document.querySelector("title")) document.title = text;
        else element.setAttribute(name, text);
      }
    }
    for (const panel of all(".panel")) {
      // On paper all budgets and seeds, at the point that is chosen.
      panel.hidden = (state.printing ? ["point"] : ["budget", "seed", "point"]).some(
        (kind) => kind in panel.dataset && kind in state.picks && panel.dataset[kind] !== state.picks[kind]);
    }
    for (const button of all("[data-pick]")) {
      const value = button.dataset.pick === "x" ? state.x : state.picks[button.dataset.pick];
      button.setAttribute("aria-pressed", String(button.dataset.value === value));
    }
    for (const button of all("[data-toggle]")) {
      button.setAttribute("aria-pressed", String(!state.off[button.dataset.toggle].has(button.dataset.value)));
    }
    for (const element of all("[data-arm]")) element.classList.toggle("off", state.off.arm.has(element.dataset.arm));
    showPart();
    draw();
  }

  function showPart() {
    const slider = byId("part");
    if (!slider) return; // a page on scores alone
    const percent = slider.dataset.percents.split(",")[state.part];
    slider.value = state.part;
    slider.setAttribute("aria-valuetext", `${percent} %`);
    byId("part-shown").textContent = `${percent} %`;
    for (const frame of all(".frame")) frame.setAttribute("aria-pressed", String(Number(frame.dataset.part) === state.part));
  }

  // ---- charts

  let described = null;
  let near = null;

  /** A description with the reader's choices made: see charts.py for what is open in it. */
  function settled(node) {
    if (Array.isArray(node)) return node.map(settled);
    if (node === null || typeof node !== "object") return node;
    if ("$x" in node) return described.positions[node.$x][state.x];
    if ("en" in node && "zh" in node) return settled(node[state.language]);
    if ("light" in node && "dark" in node) return node[state.printing ? "light" : state.theme];
    if ("updates" in node && "seconds" in node && "images" in node) return settled(node[state.x]);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, settled(value)]));
  }

  function isOn({ meta = {} }) {
    return !(state.off.seed.has(meta.seed) || state.off.line.has(meta.line) || state.off.arm.has(meta.arm)
      || (meta.band && state.off.band.has("band")));
  }

  function draw() {
    if (!window.Plotly) return;
    for (const element of all(".chart")) {
      const shown = element.offsetParent !== null;
      if (!shown || !(state.printing || near.has(element))) continue;
      const choices = [state.language, state.theme, state.x, state.printing, ...Object.values(state.off).map((set) => [...set].sort())];
      const wanted = JSON.stringify(choices);
      if (element.dataset.drawn === wanted) continue;
      element.dataset.drawn = wanted;
      const { data, layout } = settled(described.charts[element.id]);
      for (const trace of data) trace.visible = isOn(trace);
      layout.font.family = getComputedStyle(document.body).fontFamily;
      layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
      if (state.printing) layout.width = paperWidth(element);
      window.Plotly.react(element, data, layout, { displayModeBar: false, responsive: true, showTips: false });
    }
  }

  /** What a chart is wide on paper, where no layout can be asked for it: the style has as many columns. */
  function paperWidth(element) {
    const cards = element.closest(".cards");
    if (!cards) return element.closest(".dots") ? 200 : 640;
    return { 1: 640, 2: 315 }[cards.dataset.columns] || 205;
  }

  /** The text of an element that holds it as gzip in base64. */
  async function unpacked(element) {
    if (!("DecompressionStream" in window)) throw new Error("no DecompressionStream");
    const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  /** Take the charts and plotly.js out of this file, and run the latter. */
  async function unpack() {
    described = JSON.parse(await unpacked(byId("charts")));
    const script = document.createElement("script");
    script.textContent = await unpacked(byId("plotly"));
    document.head.append(script);
    if (!window.Plotly) throw new Error("plotly.js did not start");
  }

  async function startCharts() {
    const charts = all(".chart");
    try {
      await unpack();
    } catch {
      for (const chart of charts) chart.replaceChildren(byId("old-browser").content.cloneNode(true));
      return;
    }
    // Drawn when they come near the window, for a study has many.
    near = new Set();
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) near.add(entry.target);
      draw();
    }, { rootMargin: "800px" });
    for (const chart of charts) watch.observe(chart);
  }

  // ---- what the reader does

  function listen() {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const { pick, toggle, value, part } = button.dataset;
      if (part !== undefined) return choosePart(Number(part));
      if (pick === "x") state.x = value;
      else if (pick) state.picks[pick] = value;
      else if (toggle) state.off[toggle].has(value) ? state.off[toggle].delete(value) : state.off[toggle].add(value);
      else if ("copy" in button.dataset) return copy(button);
      else return;
      show();
    });
    byId("language").addEventListener("click", () => {
      state.language = state.language === "en" ? "zh" : "en";
      remembered.set("language", state.language);
      show();
    });
    byId("theme").addEventListener("click", () => {
      state.theme = state.theme === "light" ? "dark" : "light";
      remembered.set("theme", state.theme);
      show();
    });
    dark.addEventListener("change", () => {
      if (!remembered.get("theme")) { state.theme = dark.matches ? "dark" : "light"; show(); }
    });
    byId("print").addEventListener("click", () => window.print());
    if (byId("part")) listenToPictures();
    listenToPrinter();
  }

  function listenToPictures() {
    byId("part").addEventListener("input", (event) => choosePart(Number(event.target.value)));
    const button = byId("play");
    const last = Number(byId("part").max);
    let timer = null;
    stopPlaying = () => { clearInterval(timer); timer = null; button.setAttribute("aria-pressed", "false"); };
    button.addEventListener("click", () => {
      if (timer) return stopPlaying();
      button.setAttribute("aria-pressed", "true");
      const step = () => { state.part = state.part >= last ? 0 : state.part + 1; showPart(); };
      timer = setInterval(step, 900);
      step();
    });
  }

  let stopPlaying = () => {};

  function choosePart(part) {
    stopPlaying();
    state.part = part;
    showPart();
  }

  function listenToPrinter() {
    let closed = [];
    window.addEventListener("beforeprint", () => {
      closed = all("details:not([open])");
      for (const details of closed) details.open = true;
      state.printing = true;
      for (const cards of all(".cards")) cards.dataset.columns = Math.min(3, all(":scope > :not(.off)", cards).length);
      show();
    });
    window.addEventListener("afterprint", () => {
      for (const details of closed) details.open = false;
      state.printing = false;
      show();
    });
  }

  async function copy(button) {
    const pre = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(pre.textContent);
    } catch {
      getSelection().selectAllChildren(pre);
      document.execCommand("copy");
    }
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, 1500);
  }

  function followContents() {
    const links = new Map(all(".contents a").map((link) => [link.getAttribute("href").slice(1), link]));
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const [id, link] of links) id === entry.target.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    for (const section of all("main > section")) watch.observe(section);
  }

  /** What sticks below the bar at the top needs its height, which grows where its buttons wrap. */
  function measureTop() {
    const bar = document.querySelector(".top");
    new ResizeObserver(() => root.style.setProperty("--top", `${bar.offsetHeight - 1}px`)).observe(bar);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of all('[data-pick][aria-pressed="true"]')) {
      if (button.dataset.pick !== "x") state.picks[button.dataset.pick] = button.dataset.value;
    }
    state.part = Number(byId("part")?.getAttribute("value"));
    measureTop();
    listen();
    show();
    followContents();
    startCharts();
  });
})();
