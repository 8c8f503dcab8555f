/* What the colours mean. Classes come with their hectares and share, from the result tables
   and never recounted; a click or the space bar hides a class and brings it back. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  class Legend {
    constructor(room) {
      this.room = room;
      this.body = h('div.sinks-legend');
      room.on('choice filter', () => this.draw());
    }

    draw() {
      const layer = this.room.base;
      if (!layer) return;
      const focused = this.body.contains(document.activeElement)
        ? document.activeElement.getAttribute('data-key') : null;
      const parts = layer.facts.classes ? this._classes(layer.facts) : ramp(layer.facts);
      this.body.replaceChildren(...parts);
      if (focused) {
        const again = Array.from(this.body.querySelectorAll('[data-key]')).find((n) => n.getAttribute('data-key') === focused);
        if (again) again.focus();
      }
    }

    _classes(facts) {
      const { classes, area_ha: areas } = facts;
      const total = areas ? classes.reduce((sum, c) => sum + (areas[c.code] || 0), 0) : 0;
      const rows = classes.map((c) => this._row(c, areas, total));
      const some = classes.some((c) => this.room.hidden.has(c.key));
      const head = h('div.sinks-legend-head', null,
        h('h2', null, sinks.name(facts.name)),
        h('button.sinks-link', { type: 'button', 'data-key': '__all', said: word(some ? 'show_all' : 'hide_all'), onclick: () => this._all(classes, some) }));
      const foot = areas ? [
        h('div.sinks-legend-total', null, sinks.name(facts.area_of, 'span'), areaOf(total), h('span.sinks-figure', null, '100%')),
        h('p.sinks-note', { said: word('legend_note') }),
      ] : [h('p.sinks-note', { said: word('legend_hint') })];
      return [head, h('div.sinks-classes', { role: 'group', 'aria-label': word('legend_hint') }, ...rows), ...foot];
    }
    _row(c, areas, total) {
      const on = !this.room.hidden.has(c.key);
      const ha = areas ? areas[c.code] || 0 : null;
      const row = h('button.sinks-class', {
        type: 'button', role: 'checkbox', 'aria-checked': String(on), 'data-key': c.key,
        onclick: () => this._flip(c.key),
      }, h('span.sinks-colour', { style: { 'background-color': c.colour } }), sinks.name(c.name, 'bdi'));
      if (areas) row.append(areaOf(ha), h('span.sinks-figure', null, total ? `${sinks.number(100 * ha / total, 1)}%` : '—'));
      return row;
    }
    _flip(key) {
      const { hidden } = this.room;
      if (!hidden.delete(key)) hidden.add(key);
      this.room.fire('filter');
    }
    _all(classes, show) {
      classes.forEach((c) => (show ? this.room.hidden.delete(c.key) : this.room.hidden.add(c.key)));
      this.room.fire('filter');
    }
  }

  const areaOf = (ha) => h('span.sinks-figure', { said: sinks.amount(ha, 1, word('ha')) });

  /** A bar of colours with numbers below it. */
  const ramp = ({ name, ramp: { stops, ticks, unit }, note }) => {
    const low = stops[0][0];
    const high = stops[stops.length - 1][0];
    const at = (value) => `${(value - low) / (high - low) * 100}%`;
    const colours = stops.map(([value, colour]) => `${colour} ${at(value)}`).join(', ');
    const digits = high - low >= 8 ? 0 : 2;
    const signed = low < 0;
    return [
      h('div.sinks-legend-head', null, h('h2', null, sinks.name(name))),
      h('div.sinks-ramp', { style: { 'background-image': `linear-gradient(to right, ${colours})` }, 'aria-hidden': 'true' }),
      h('div.sinks-ticks', null, ...ticks.map((tick) => h('span', { style: { left: at(tick) } },
        signed ? sinks.signed(tick, digits) : sinks.number(tick, digits)))),
      h('p.sinks-unit', { said: unit }),
      note ? h('p.sinks-note', { said: note }) : null,
    ].filter(Boolean);
  };

  sinks.legend = (map, id) => {
    const room = sinks.of(map);
    const legend = new Legend(room);
    sinks.dock(room, sinks.facts(`${id}_facts`), h('section', null, legend.body));
    legend.draw();
    return legend;
  };
}());
