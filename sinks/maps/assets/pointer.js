/* What lies under the pointer: a tooltip that follows it, a popup where one clicks, and the
   coordinates at the foot of the map. Classes are read from the full-size pixels. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const MOST = 4; // features of one layer named at a place

  class Pointer {
    constructor(room) {
      this.room = room;
      this.turn = 0;
      this.tooltip = L.tooltip({ className: 'sinks-tooltip', direction: 'right', offset: [14, 0], opacity: 1 });
      const { map } = room;
      map.on('mousemove', (event) => this._hover(event));
      map.on('mouseout dragstart zoomstart', () => this._leave());
      map.on('click', (event) => this.identify(event.latlng));
      map.getContainer().addEventListener('keydown', (event) => this._key(event));
    }

    _hover(event) {
      const target = event.originalEvent.target;
      const away = target.closest && target.closest('.leaflet-popup, .leaflet-control, .sinks-bar');
      if (away || this.room.map.dragging.moving()) { this._leave(); return; }
      this.room.fire('pointer', { latlng: event.latlng });
      const turn = this.turn += 1;
      requestAnimationFrame(async () => {
        if (turn !== this.turn) return;
        const rows = await this.rows(event.latlng, true);
        if (turn !== this.turn) return;
        if (!rows.length) { this.tooltip.remove(); return; }
        this.tooltip.setContent(table(rows)).setLatLng(event.latlng).addTo(this.room.map);
      });
    }
    _leave() {
      this.turn += 1;
      this.tooltip.remove();
    }
    /** With the keyboard: Enter asks for what lies in the middle of the map. */
    _key(event) {
      const { map } = this.room;
      if (event.key === 'Enter' && event.target === map.getContainer()) this.identify(map.getCenter());
    }

    async identify(latlng) {
      const rows = await this.rows(latlng, false);
      const content = h('div.sinks-identify', null, table(rows.concat(this._coordinates(latlng))));
      this._leave();
      const size = this.room.map.getSize();
      const width = Math.min(380, size.x - 60);
      const popup = L.popup({
        className: 'sinks-popup', maxWidth: width, minWidth: Math.min(240, width), maxHeight: size.y - 70,
      });
      popup.setLatLng(latlng).setContent(content).openOn(this.room.map);
      const again = () => popup.update();
      this.room.on('language', again);
      popup.on('remove', () => this.room.off('language', again));
    }

    /** Everything known of a place: [what, value, colour?] in the order it is shown. */
    async rows(latlng, brief) {
      const [x, y] = sinks.mercator(latlng);
      const { bases, overlays, map } = this.room;
      const places = overlays.filter((layer) => layer.facts.asked && (!brief || layer.facts.place || map.hasLayer(layer)));
      await Promise.all(places.map((layer) => layer.ready));
      const found = await Promise.all(places.map((layer) => layer.find(latlng)));
      const rows = places.reduce((all, layer, i) => all.concat(placeRows(layer, found[i].slice(0, MOST), brief)), []);
      const asked = bases.filter((layer) => !layer.facts.judges && (!brief || !layer.facts.quiet || map.hasLayer(layer)));
      const pixels = await Promise.all(asked.map((layer) => (layer.byCode ? classRow(layer, x, y, brief) : valueRow(layer, x, y))));
      return rows.concat(pixels.filter(Boolean));
    }

    _coordinates(latlng) {
      const rows = [[word('lonlat'), `${latlng.lng.toFixed(5)}°E ${latlng.lat.toFixed(5)}°N`]];
      const raster = Object.values(this.room.sources)[0];
      if (raster && raster.facts.projected) {
        const [east, north] = raster.pixels.coordinates(...sinks.mercator(latlng));
        rows.push([word('northing'), `${sinks.number(north, 1)} m`], [word('easting'), `${sinks.number(east, 1)} m`], [word('crs'), raster.facts.crs]);
      }
      return rows;
    }
  }

  /** Names of the features found; where a layer tells more, a click shows it below the name. */
  const placeRows = (layer, found, brief) => {
    const { name, details } = layer.facts;
    if (!found.length) return [];
    if (brief || !details) return [[name, sinks.join(found.map((f) => f.name), { zh: '；', en: '; ' })]];
    return found.reduce((all, f) => all.concat([[name, f.name]],
      details.map((detail) => [detail.label, detailOf(detail, f.feature), null, 'detail'])), []);
  };
  const detailOf = ({ names, digits, unit, values }, feature) => {
    const value = values[feature];
    if (value === null) return '—';
    if (names) return names[value];
    return unit.zh ? sinks.amount(value, digits, unit) : sinks.number(value, digits);
  };

  /** The class at a point and, of a map with a judge, how probable it is. */
  const classRow = async (layer, x, y, brief) => {
    const c = layer.byCode.get(await layer.codeAt(x, y));
    if (!c) return null;
    const { judge } = layer;
    const sure = judge && (!brief || layer.room.map.hasLayer(judge)) ? judge.byCode.get(await judge.codeAt(x, y)) : null;
    return [layer.facts.name, sure ? word('probable', { class: c.name, step: sure.name }) : c.name, c.colour];
  };
  const valueRow = async (layer, x, y) => {
    const value = await layer.valueAt(x, y);
    if (Number.isNaN(value)) return null;
    const { name, digits, signed, short_unit: unit } = layer.facts;
    const text = (signed ? sinks.signed : sinks.number)(value, digits);
    return [name, sinks.both((l) => `${text}\u2009${unit[l]}`)];
  };
  const table = (rows) => h('dl.sinks-rows', null, ...rows.reduce((all, [what, value, colour, kind]) => all.concat([
    h(kind ? `dt.sinks-${kind}` : 'dt', null, sinks.name(what)),
    h('dd', null, colour ? h('span.sinks-colour', { style: { 'background-color': colour } }) : null, sinks.name(value)),
  ]), []));

  /** Coordinates and, where pixels are drawn smaller than they are, a word about it. */
  const statusBar = (room) => {
    const place = h('span.sinks-status-place', { 'aria-hidden': 'true' });
    const level = h('span.sinks-status-level');
    const Status = L.Control.extend({
      onAdd: () => h('div.sinks-status', null, level, place),
    });
    new Status({ position: 'bottomright' }).addTo(room.map);
    room.on('pointer', ({ latlng }) => {
      place.textContent = `${latlng.lng.toFixed(5)}°E  ${latlng.lat.toFixed(5)}°N`;
    });
    room.on('level choice', () => {
      const reduced = room.base && room.base.level > 0;
      level.hidden = !reduced;
      if (reduced) sinks.say(level, word(room.base.byCode ? 'overview' : 'overview_mean'));
    });
  };

  sinks.pointer = (map) => {
    const room = sinks.of(map);
    statusBar(room);
    return (room.pointer = new Pointer(room));
  };
}());
