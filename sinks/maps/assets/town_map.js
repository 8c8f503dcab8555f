/* Zones in colours that are explained on the map; and towns so coloured by how far they are
   from their share of a target: chosen from a list, the figures in a table. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  /** From dark brown, far from the target, to teal, met: told apart without red and green. */
  const STEPS = [
    { key: 'yes', colour: '#01665e', holds: ({ met }) => met === 'yes' },
    { key: 'open', colour: '#b2abd2', holds: ({ met }) => met === 'open' },
    { key: 'near', colour: '#dfc27d', holds: ({ met, share }) => met === 'no' && share >= 0.8 },
    { key: 'midway', colour: '#bf812d', holds: ({ met, share }) => met === 'no' && share >= 0.5 },
    { key: 'far', colour: '#7f4a0b', holds: ({ met }) => met === 'no' },
    { key: 'unknown', colour: '#d5d9dd', holds: () => true },
  ];
  const stepOf = ({ met, value, target }) => STEPS.find(({ holds }) => holds({ met, share: value / target }));

  class TownMap {
    constructor(room, items) {
      Object.assign(this, { room, items: items.filter(({ towns }) => towns.length) });
      this.body = h('div');
      this.select = h('select', { id: 'sinks-town-map', onchange: () => this.choose(this.select.value) },
        h('option', { value: '', said: word('towns_plain') }),
        ...this.items.map(({ name }, i) => h('option', { value: String(i), said: name })));
    }

    node() {
      return this.items.length ? h('section', null,
        h('label.sinks-field', { for: this.select.id }, h('span', { said: word('towns_colour') }), this.select), this.body) : null;
    }
    shows(item) { return this.items.includes(item); }
    show(item) {
      this.choose(String(this.items.indexOf(item)));
      this.select.focus();
      this.select.scrollIntoView({ block: 'nearest' });
    }

    choose(value) {
      this.select.value = value;
      const item = value === '' ? null : this.items[Number(value)];
      this.body.replaceChildren(...(item ? [townTable(item), h('p.sinks-note', { said: word('towns_note') })] : []));
      return this._paint(item);
    }
    _paint(item) {
      if (!item) return sinks.colourZones(this.room, this, null);
      const counts = new Map(STEPS.map(({ key }) => [key, item.towns.filter((town) => stepOf(town).key === key).length]));
      return sinks.colourZones(this.room, this, {
        zones: new Map(item.towns.map((town) => [town.zone, stepOf(town).colour])), title: item.name,
        keys: STEPS.map(({ key, colour }) => ({ colour, said: word(`towns_${key}`), count: counts.get(key) })),
      });
    }
    /** Another colouring of the towns takes the place of this one. */
    clear() {
      this.select.value = '';
      this.body.replaceChildren();
    }
  }

  /** Colour the zones of a layer, or take the colours of `owner` away. What they mean stands on
      the map, where it stays when another tab is open. One owner at a time: the other is cleared. */
  sinks.colourZones = (room, owner, look) => {
    const before = room.coloured;
    if (!look && (!before || before.owner !== owner)) return null;
    if (before) {
      before.legend.remove();
      if (before.owner !== owner) before.owner.clear();
    }
    const layer = look ? room.overlays.find(({ facts }) => facts.zone_ids && facts.zone_ids.some((id) => look.zones.has(id))) : before.layer;
    room.coloured = null;
    if (!layer) return null;
    layer.fills = look ? layer.facts.zone_ids.map((id) => look.zones.get(id) || null) : null;
    if (look) {
      if (!room.map.hasLayer(layer)) layer.addTo(room.map);
      room.coloured = { owner, layer, legend: legendOf(look).addTo(room.map) };
    }
    return layer.refresh();
  };
  const legendOf = ({ title, keys }) => {
    const Legend = L.Control.extend({
      onAdd: () => h('div.sinks-town-legend', null, h('b', { said: title }), ...keys.filter(({ count }) => count).map(({ colour, said, count }) =>
        h('div', null, h('span.sinks-colour', { style: { 'background-color': colour } }), h('span', { said }), h('span.sinks-figure', null, String(count))))),
    });
    return new Legend({ position: 'bottomleft' });
  };

  const townTable = ({ name, year, unit, towns }) => h('table.sinks-table.sinks-towns', null,
    h('caption', { said: sinks.both((l) => `${sinks.pair(name)[l]} ${year}`) }),
    h('thead', null, h('tr', null, h('th', { scope: 'col', said: word('zone') }), h('th', { scope: 'col', said: unit }),
      h('th', { scope: 'col', said: word('target') }), h('th', { scope: 'col', said: word('short_of') }))),
    h('tbody', null, ...towns.map((town) => h('tr', null,
      h('th', { scope: 'row' }, h('span.sinks-colour', { style: { 'background-color': stepOf(town).colour } }), sinks.name(town.name)),
      h('td', null, sinks.number(town.value, 2)), h('td', null, sinks.number(town.target, 2)),
      h('td', null, shortOf(town.gap), sinks.lightSign(town.met))))));
  /** The gap in the unit of the figure and, below, in hectares, or what else its parts are. */
  const shortOf = (gap) => {
    if (!gap.length) return '—';
    const part = gap[1] && gap[0][0] > 0 ? h('small', { said: sinks.amount(gap[1][0], 1, gap[1][1]) }) : null;
    return h('span.sinks-short', null, sinks.number(Math.max(0, gap[0][0]), 2), part);
  };

  sinks.TownMap = TownMap;
}());
