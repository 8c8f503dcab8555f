/* Whether a target is met, as a shape and a word beside its colour, so that the colour-blind
   and a black printer tell them apart; and the years of a figure as a small line. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, svg, word } = sinks;
  const [WIDTH, HEIGHT] = [104, 30];

  /** A tick on a disc, a cross in a square, half a diamond, a broken ring. */
  const SHAPES = {
    yes: [['circle', { cx: 8, cy: 8, r: 7, class: 'sinks-light-full' }], ['path', { d: 'M4.5 8.2l2.5 2.6l4.5-5', class: 'sinks-light-cut' }]],
    no: [['path', { d: 'M1.5 1.5h13v13h-13z', class: 'sinks-light-full' }], ['path', { d: 'M5 5l6 6M11 5l-6 6', class: 'sinks-light-cut' }]],
    open: [['path', { d: 'M8 1l7 7l-7 7z', class: 'sinks-light-full' }], ['path', { d: 'M8 1l7 7l-7 7l-7-7z', class: 'sinks-light-line' }]],
    unknown: [['circle', { cx: 8, cy: 8, r: 6.5, class: 'sinks-light-line', 'stroke-dasharray': '3 2.2' }]],
  };
  sinks.LIGHTS = Object.keys(SHAPES);
  const lightWord = (met) => word(`met_${met}`);

  sinks.lightShape = (met) => svg('svg', { class: 'sinks-light', viewBox: '0 0 16 16', width: 14, height: 14, 'aria-hidden': 'true' },
    ...SHAPES[met].map(([tag, given]) => svg(tag, given)));
  sinks.light = (met, count) => h(`span.sinks-badge.sinks-badge-${met}`, null, sinks.lightShape(met),
    h('span', { said: lightWord(met) }), count === undefined ? null : h('b', null, String(count)));
  /** For a row of a table: the shape alone, the word in a hint and for those who listen. */
  sinks.lightSign = (met) => h(`span.sinks-badge-${met}`, { role: 'img', title: lightWord(met), 'aria-label': lightWord(met) }, sinks.lightShape(met));

  /** The years at hand as points on a line, the target as a broken one. */
  sinks.sparkline = ({ series, target, text }) => {
    const values = series.map(([, value]) => value).concat(target === null ? [] : [target]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const [first, last] = [series[0][0], series[series.length - 1][0]];
    const x = (year) => (5 + (WIDTH - 10) * (year - first) / (last - first)).toFixed(1);
    const y = (value) => (HEIGHT - 5 - (HEIGHT - 10) * (value - least) / (most - least || 1)).toFixed(1);
    const label = sinks.join(series.map(([year, value]) => word('spark_point', { year, value: text(value) })), { zh: '；', en: '; ' });
    return h('span.sinks-spark', null,
      svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': label },
        target === null ? null : svg('line', { class: 'sinks-spark-target', x1: 0, x2: WIDTH, y1: y(target), y2: y(target) }),
        svg('polyline', { class: 'sinks-spark-line', points: series.map(([year, value]) => `${x(year)},${y(value)}`).join(' ') }),
        ...series.map(([year, value]) => svg('circle', { class: 'sinks-spark-dot', cx: x(year), cy: y(value), r: 2.2 }))),
      h('small', null, h('span', null, String(first)), h('span', null, String(last))));
  };
}());
