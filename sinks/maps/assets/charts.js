/* Charts of a balance: removals against emissions as bars around zero, and the way of the
   balance through the years. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const WIDTH = 340;
  const HEIGHT = 190;
  const LETTER = 6.2; // width of a digit in a label of a chart

  /** An element of SVG: the text under `said` is a pair. */
  sinks.svg = (tag, given, ...children) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.entries(given || {}).forEach(([key, value]) => {
      if (key === 'said') sinks.say(node, value);
      else if (value !== null && typeof value === 'object') sinks.say(node, value, key);
      else node.setAttribute(key, value);
    });
    node.append(...children.filter(Boolean));
    return node;
  };
  const { svg } = sinks;

  /** Digits that figures of a place deserve: none for thousands, more for what is small. */
  sinks.digitsFor = (values) => {
    const most = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
    return most >= 1000 ? 0 : (most >= 10 ? 1 : 2);
  };

  /** Removals, emissions and what is left of them: three bars from one zero line. */
  sinks.flowBars = ({ gases, net, low, high, verdict, digits }) => {
    const sum = (k) => gases.reduce((total, row) => total + row[k], 0);
    const least = Math.min(-sum(1), low, net, 0);
    const span = Math.max(sum(0), high, net, 0) - least || 1;
    const at = (value) => `${100 * (value - least) / span}%`;
    const piece = (name, from, to) => h(`i.${name}`, {
      style: { left: at(Math.min(from, to)), width: `${100 * Math.abs(to - from) / span}%` },
    });
    const stacked = (k, sign) => {
      let from = 0;
      return gases.map((row, gas) => {
        const to = from + sign * row[k];
        const made = piece(`sinks-gas-${gas}`, from, to);
        from = to;
        return made;
      });
    };
    const row = (key, value, parts) => h('div.sinks-flow', null, h('span', { said: word(key) }),
      h('span.sinks-flow-track', { 'aria-hidden': 'true' }, ...parts, h('i.sinks-flow-zero', { style: { left: at(0) } })),
      h('b', null, value));
    return h('div.sinks-flows', null,
      row('removals', sinks.number(sum(0), digits), stacked(0, 1)),
      row('emissions', sinks.number(sum(1), digits), stacked(1, -1)),
      row('net', sinks.signed(net, digits), [piece(`sinks-net-${verdict}`, 0, net), piece('sinks-bar-range', low, high)]));
  };

  /** Numbers that are easy to read, from `low` to `high`, up to six of them. */
  const ticksOf = (low, high) => {
    const least = (high - low) / 5 || 1;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= least * 0.999);
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step);
    return { ticks, digits: step >= 1 ? 0 : Math.ceil(-Math.log10(step)) };
  };

  /** Net balance by year with its band, thin lines for what it is made of or stands beside it,
      and the bands of those. `mark(k)` moves the upright line to a year. */
  sinks.trajectory = ({ years, net, low, high, parts, bands = [], label }) => {
    const all = [0].concat(low, high, ...parts.map(({ values }) => values), ...bands.map((band) => band.low.concat(band.high)));
    const { ticks, digits } = ticksOf(Math.min(...all), Math.max(...all));
    const names = ticks.map((tick) => sinks.number(tick, digits));
    const left = 8 + LETTER * Math.max(...names.map((name) => name.length));
    const [bottom, top] = [Math.min(...all, ticks[0]), Math.max(...all, ticks[ticks.length - 1])];
    const last = years.length - 1;
    const x = (k) => left + (WIDTH - 14 - left) * k / last;
    const y = (value) => 8 + (HEIGHT - 30) * (top - value) / (top - bottom || 1);
    const points = (values) => values.map((value, k) => `${x(k).toFixed(1)},${y(value).toFixed(1)}`);
    const between = (from, to, name) => svg('polygon', { class: name, points: points(from).concat(points(to).reverse()).join(' ') });
    const line = (values, name) => svg('polyline', { class: name, points: points(values).join(' ') });
    const marked = years.map((year, k) => k).filter((k) => k === 0 || k === last || (years[k] % 10 === 0 && k > 3 && k < last - 3));
    const cursor = svg('line', { class: 'sinks-chart-cursor', y1: 8, y2: HEIGHT - 22 });
    const dot = svg('circle', { class: 'sinks-chart-dot', r: 3.5 });
    const node = svg('svg', { class: 'sinks-chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
      ...ticks.map((tick, k) => svg('g', null,
        svg('line', { class: Math.abs(tick) < 1e-9 ? 'sinks-chart-zero' : 'sinks-chart-grid', x1: left, x2: WIDTH - 14, y1: y(tick), y2: y(tick) }),
        svg('text', { x: left - 5, y: y(tick) + 4, 'text-anchor': 'end', said: names[k] }))),
      ...marked.map((k) => svg('text', { x: x(k), y: HEIGHT - 6, 'text-anchor': 'middle', said: years[k] })),
      between(low, high, 'sinks-chart-band'),
      ...bands.map((band) => between(band.low, band.high, `sinks-band-${band.key}`)),
      ...parts.map(({ key, values }) => line(values, `sinks-part-${key}`)),
      line(net, 'sinks-chart-net'), cursor, dot);
    const mark = (k) => {
      cursor.setAttribute('x1', x(k));
      cursor.setAttribute('x2', x(k));
      dot.setAttribute('cx', x(k));
      dot.setAttribute('cy', y(net[k]));
    };
    return { node, mark };
  };

  /** What a line or the band of a chart stands for. */
  sinks.chartKey = (name, text) => h('span.sinks-key', null,
    svg('svg', { viewBox: '0 0 26 10', width: 26, height: 10, 'aria-hidden': 'true' }, /-band\b/.test(name)
      ? svg('rect', { class: name, x: 0, y: 0, width: 26, height: 10 })
      : svg('line', { class: name, x1: 0, x2: 26, y1: 5, y2: 5 })),
    h('span', { said: text }));
}());
