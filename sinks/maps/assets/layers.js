/* The choice of layers: one raster at a time, by subject and year; any number of overlays;
   how opaque; and the comparison of two rasters under a sliding bar. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const LONG = 9; // characters of a name that half a row does not hold

  class LayerPanel {
    constructor(room) {
      this.room = room;
      this.swipe = new sinks.Swipe(room);
      this.body = h('div.sinks-layers');
      room.on('layers', () => this.draw());
      room.map.on('layeradd', ({ layer }) => {
        if (room.bases.includes(layer) && layer !== room.base && layer !== room.left) this.choose(layer);
      });
      this.draw();
    }

    /** Made anew when a layer comes to the map after the panel. */
    draw() {
      const { bases, overlays, map } = this.room;
      const parts = [];
      if (bases.length) parts.push(h('section.sinks-rasters', null, h('h2', { said: word('rasters') }), this._choice(), this._tools()));
      if (overlays.length) parts.push(h('section', null, h('h2', { said: word('overlays') }), this._overlays()));
      this.body.replaceChildren(...parts);
      const shown = bases.find((layer) => map.hasLayer(layer)) || bases[0];
      if (shown) this.choose(shown);
    }

    /** One row per subject, one button per year: a group of radio buttons. */
    _choice() {
      const rows = new Map();
      this.room.bases.forEach((layer) => {
        const key = layer.facts.subject.zh;
        rows.set(key, (rows.get(key) || []).concat(layer));
      });
      const group = h('div.sinks-choice', { role: 'radiogroup', 'aria-label': word('rasters') });
      rows.forEach((layers) => {
        group.append(h('div.sinks-choice-row', null,
          h('span.sinks-choice-name', null, sinks.name(layers[0].facts.subject)),
          h('span.sinks-pills', null, ...layers.map((layer) => this._radio(layer)))));
      });
      return group;
    }
    _radio(layer) {
      layer.radio = h('input', {
        type: 'radio', name: `sinks-base-${L.Util.stamp(this.room)}`, 'aria-label': layer.facts.name,
        onchange: () => this.choose(layer),
      });
      return h('label.sinks-pill', null, layer.radio, sinks.name(layer.facts.short, 'span'));
    }

    choose(layer) {
      const { base, left } = this.room;
      this._show(layer, left === layer ? base : left);
    }
    /** Put one raster in the base pane and another, or none, in the pane left of the bar. */
    _show(base, left) {
      const { room } = this;
      Object.assign(room, { base, left });
      room.bases.forEach((layer) => {
        const pane = layer === base ? 'sinksBase' : 'sinksLeft';
        const wanted = layer === base || layer === left;
        if (wanted && room.map.hasLayer(layer) && layer.options.pane === pane) return;
        layer.remove();
        layer.options.pane = pane;
        if (wanted) layer.addTo(room.map);
      });
      base.radio.checked = true;
      if (left) this._fillSelect();
      this.swipe.update();
      room.fire('choice');
    }

    _tools() {
      const slider = h('input', {
        type: 'range', min: 0, max: 100, value: 100, 'aria-label': word('opacity'),
        oninput: () => this._fade(Number(slider.value)),
      });
      this.fade = h('output', null, '100%');
      this.button = h('button.sinks-button', {
        type: 'button', 'aria-pressed': 'false', said: word('swipe'), onclick: () => this._toggle(),
      });
      this.select = h('select', {
        'aria-label': word('swipe_left'),
        onchange: () => this._show(this.room.base, this.room.bases[Number(this.select.value)]),
      });
      this.versus = h('label.sinks-versus', { hidden: true }, h('span', { said: word('swipe_left') }), this.select);
      const tools = h('div.sinks-tools', null,
        this.room.bases.length > 1 ? this.button : null,
        h('label.sinks-opacity', null, h('span', { said: word('opacity') }), slider, this.fade));
      return h('div', null, tools, this.versus);
    }
    _fade(percent) {
      this.fade.textContent = `${percent}%`;
      ['sinksBase', 'sinksLeft'].forEach((name) => { this.room.map.getPane(name).style.opacity = percent / 100; });
    }
    _toggle() {
      const on = !this.room.left;
      this.button.setAttribute('aria-pressed', on);
      this.versus.hidden = !on;
      if (!on) this.swipe.hide();
      this._show(this.room.base, on ? this._partner() : null);
      if (on) this.swipe.show();
    }
    /** What a raster is compared with by itself: its own subject in another year. */
    _partner() {
      const { base, bases } = this.room;
      const others = bases.filter((layer) => layer !== base);
      return others.find((layer) => layer.facts.subject.zh === base.facts.subject.zh) || others[0];
    }
    _fillSelect() {
      const { base, left, bases } = this.room;
      this.select.replaceChildren(...bases.filter((layer) => layer !== base).map((layer) =>
        h('option', { value: bases.indexOf(layer), selected: layer === left, said: layer.facts.name })));
    }

    _overlays() {
      return h('ul.sinks-overlays', null, ...this.room.overlays.map((layer) => {
        const row = h(layer.facts.keys || layer.facts.name.zh.length > LONG ? 'li.sinks-wide' : 'li');
        row.append(
          h('label', { title: layer.facts.name }, this._tick(layer, row), swatch(layer.facts), sinks.name(layer.facts.name, 'span')),
          h('button.sinks-zoom', {
            type: 'button', title: word('zoom_to_layer'), onclick: () => this._zoom(layer),
            'aria-label': sinks.join([word('zoom_to_layer'), layer.facts.name], { zh: '：', en: ': ' }),
          }, sinks.icon('target')), ...keys(layer.facts));
        return row;
      }));
    }
    _tick(layer, row) {
      const { map } = this.room;
      const tick = h('input', {
        type: 'checkbox', onchange: () => (tick.checked ? layer.addTo(map) : layer.remove()),
      });
      const follow = () => {
        tick.checked = map.hasLayer(layer);
        row.classList.toggle('sinks-off', !tick.checked); // paper shows what is on the map
      };
      layer.on('add remove', follow);
      follow();
      return tick;
    }
    _zoom(layer) {
      const [west, south, east, north] = layer.facts.bounds_deg;
      this.room.map.fitBounds([[south, west], [north, east]], { padding: [24, 24] });
    }
  }

  /** What the colours of single features stand for. */
  const keys = (facts) => (facts.keys ? [h('small.sinks-layer-keys', null, ...facts.keys.map(([name, colour]) => h('span', null,
    h('span.sinks-colour', { style: { 'background-color': colour || 'transparent', 'border-color': facts.style.colour } }), h('span', { said: name }))))] : []);

  /** A small drawing of how a layer looks on the map. */
  const swatch = ({ kind, style }) => {
    if (kind === 'mask') return h('span.sinks-swatch.sinks-hatch', { 'aria-hidden': 'true' });
    const canvas = h('canvas.sinks-swatch', { width: 44, height: 28, 'aria-hidden': 'true' });
    const pen = canvas.getContext('2d');
    pen.scale(2, 2);
    pen.setLineDash(style.dash || []);
    pen.beginPath();
    if (kind === 'line') { pen.moveTo(2, 10); pen.bezierCurveTo(8, 2, 14, 14, 20, 4); }
    if (kind === 'polygon') pen.rect(2, 2, 18, 10);
    if (kind === 'point') pen.arc(11, 7, 4, 0, 2 * Math.PI);
    if (style.fill && kind !== 'line') { pen.fillStyle = style.fill; pen.fill(); }
    pen.strokeStyle = style.colour;
    pen.lineWidth = Math.max(1, style.width);
    pen.stroke();
    return canvas;
  };

  sinks.layerPanel = (map, id) => {
    const room = sinks.of(map);
    const panel = new LayerPanel(room);
    sinks.dock(room, sinks.facts(`${id}_facts`), panel.body);
    return panel;
  };
}());
