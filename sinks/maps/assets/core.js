/* The root of the engine: texts in two languages, how elements are made, numbers, and what
   the parts of one map know of each other. Names and data are shown by textContent alone. */
(function () {
  'use strict';
  const sinks = window.sinks = { language: 'zh', words: {} };
  const rooms = new Map();

  /** Data that rides in the page: an object, or the text of base64 blocks. */
  sinks.facts = (id) => JSON.parse(document.getElementById(id).textContent);
  sinks.takeText = (id) => {
    const node = document.getElementById(id);
    const text = node.textContent;
    node.remove();
    return text;
  };

  sinks.start = (id, language) => {
    sinks.words = sinks.facts(id);
    sinks.language = document.documentElement.lang ? pageLanguage() : language;
  };
  const pageLanguage = () => (/^en/.test(document.documentElement.lang) ? 'en' : 'zh');

  /** What the layers and panels of one map share; they tell each other by events. */
  sinks.of = (map) => {
    if (!rooms.has(map)) {
      rooms.set(map, Object.assign(new L.Evented(), {
        map, sources: {}, bases: [], overlays: [], zones: [], base: null, left: null,
        hidden: new Set(), frame: null,
      }));
    }
    return rooms.get(map);
  };

  /* ---- texts: a pair is {zh, en} ---- */
  sinks.pair = (text) => (text !== null && typeof text === 'object' ? text : { zh: String(text), en: String(text) });
  sinks.both = (make) => ({ zh: make('zh'), en: make('en') });
  /** A word of the interface, its blanks (%name%) filled. */
  sinks.word = (key, facts) => {
    const pair = sinks.words[key];
    if (!pair) throw new Error(`no word "${key}"`);
    return facts ? sinks.both((language) => filled(pair[language], facts, language)) : pair;
  };
  const filled = (text, facts, language) =>
    text.replace(/%(\w+)%/g, (_, name) => sinks.pair(facts[name])[language]);
  sinks.join = (parts, between) =>
    sinks.both((language) => parts.map((p) => sinks.pair(p)[language]).join(sinks.pair(between)[language]));

  /** Show a text in the language of the page, now and whenever that changes. */
  sinks.say = (node, text, slot) => {
    const place = slot || 'text';
    node.sinksSaid = Object.assign(node.sinksSaid || {}, { [place]: sinks.pair(text) });
    node.setAttribute('data-said', '');
    utter(node, place);
    return node;
  };
  const utter = (node, slot) => {
    const text = node.sinksSaid[slot][sinks.language];
    if (slot === 'text') node.textContent = text;
    else node.setAttribute(slot, text);
  };
  sinks.speak = (language) => {
    sinks.language = language;
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.querySelectorAll('[data-said]').forEach((node) => {
      Object.keys(node.sinksSaid || {}).forEach((slot) => utter(node, slot));
    });
    rooms.forEach((room) => room.fire('language'));
  };

  /** Make an element: h('button.sinks-pill', {said: pair, onclick: f, 'aria-pressed': true}, …). */
  sinks.h = (what, given, ...children) => {
    const [tag, ...classes] = what.split('.');
    const node = document.createElement(tag);
    if (classes.length) node.className = classes.join(' ');
    Object.entries(given || {}).forEach(([key, value]) => furnish(node, key, value));
    children.forEach((child) => child !== null && child !== undefined && node.append(child));
    return node;
  };
  const furnish = (node, key, value) => {
    if (value === null || value === undefined) return;
    if (key === 'said') sinks.say(node, value);
    else if (key === 'style') Object.entries(value).forEach(([name, v]) => node.style.setProperty(name, v));
    else if (typeof value === 'function') node[key] = value;
    else if (typeof value === 'object') sinks.say(node, value, key);
    else if (key in node && typeof node[key] === 'boolean') node[key] = Boolean(value);
    else node.setAttribute(key, value);
  };
  /** A name that comes from data: kept apart from the direction of the text around it. */
  sinks.name = (text, what) => sinks.h(what || 'bdi', { said: text });

  /** A small drawing in the colour of the text: fonts of old machines lack such signs. */
  const ICONS = {
    target: 'M8 1v4M8 11v4M1 8h4M11 8h4M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
    home: 'M2 8.5L8 3l6 5.5M4 7.5V13.5h8V7.5',
    grip: 'M5 3.5L1.5 8L5 12.5M11 3.5L14.5 8L11 12.5',
  };
  sinks.icon = (name) => {
    const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
    Object.entries({ viewBox: '0 0 16 16', width: 16, height: 16, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.6, 'aria-hidden': 'true' })
      .forEach(([key, value]) => svg.setAttribute(key, value));
    path.setAttribute('d', ICONS[name]);
    svg.append(path);
    return svg;
  };

  /* ---- numbers ---- */
  const NONE = '—';
  sinks.number = (value, digits) =>
    (value === null || value === undefined || !Number.isFinite(value) ? NONE
      : (Object.is(Math.round(value * 10 ** digits), -0) ? 0 : value).toLocaleString('en-US', {
        minimumFractionDigits: digits, maximumFractionDigits: digits,
      }).replace('-', '−'));
  sinks.signed = (value, digits) => (value > 0 ? '+' : '') + sinks.number(value, digits);
  /** A probability: what it is told from cannot tell nothing from very little. */
  sinks.chance = (p) => (p < 0.001 ? '< 0.1%' : (p > 0.999 ? '> 99.9%' : `${sinks.number(100 * p, 1)}%`));
  /** A number with its unit, a pair. */
  sinks.amount = (value, digits, unit) => sinks.both((l) => {
    const u = sinks.pair(unit)[l];
    return sinks.number(value, digits) + (u === '%' ? '%' : `\u2009${u}`);
  });
  sinks.range = (low, high, digits) =>
    (Number.isFinite(low) && Number.isFinite(high) && low !== null && high !== null
      ? `${sinks.number(low, digits)} – ${sinks.number(high, digits)}` : NONE);

  /* ---- deflated base64 ---- */
  sinks.inflate = (base64) => {
    const packed = atob(base64);
    const bytes = new Uint8Array(packed.length);
    for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Response(stream).arrayBuffer().then((buffer) => new Uint8Array(buffer));
  };
  /** Give the screen a turn between two pieces of long work. */
  sinks.breath = () => new Promise((go) => setTimeout(go, 0));
}());
