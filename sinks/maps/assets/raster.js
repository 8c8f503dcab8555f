/* Layers of pixels: classes in their colours, and numbers looked up by class. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const FINER = 2; // levels: a mean over samples of finer pixels than the view would show
  const MANY = 3e6; // device pixels in a view; beyond, fewer samples each

  /** '#rrggbb' as the four bytes that a canvas keeps, in one number. */
  sinks.rgba = (colour) => {
    const n = parseInt(colour.slice(1), 16);
    return (0xff000000 | (n & 255) << 16 | (n >> 8 & 255) << 8 | n >> 16) >>> 0;
  };

  /** What class rasters and layers derived from them have in common: a place in the choice. */
  const BaseView = sinks.View.extend({
    options: { pane: 'sinksBase', className: 'sinks-pixels' },
    initialize(room, facts) {
      Object.assign(this, { room, facts });
      L.setOptions(this, { order: room.bases.push(this) });
    },
    write(view, colours) {
      const context = view.canvas.getContext('2d');
      context.putImageData(new ImageData(new Uint8ClampedArray(colours.buffer), view.width, view.height), 0, 0);
    },
  });

  const ClassRaster = BaseView.extend({
    initialize(room, facts, text) {
      BaseView.prototype.initialize.call(this, room, facts);
      this.pixels = new sinks.Pixels(facts, text);
      this.byCode = new Map(facts.classes.map((c) => [c.code, c]));
      room.on('filter', () => this._map && this._codes && this._recolour());
    },
    async paint(view, current) {
      const prepared = await this.pixels.prepare(view, 0);
      if (!current()) return false;
      this.level = prepared.shown;
      this._codes = this.pixels.codes(view, prepared, 0.5, 0.5);
      this._colour(view);
      this.room.fire('level', { layer: this });
      return true;
    },
    _recolour() {
      if (this._shown) this._colour(this._shown);
    },
    _colour(view) {
      if (this._codes.length !== view.width * view.height) return;
      const lookup = new Uint32Array(256);
      this.facts.classes.forEach((c) => {
        if (!this.room.hidden.has(c.key)) lookup[c.code] = sinks.rgba(c.colour);
      });
      const colours = new Uint32Array(this._codes.length);
      for (let i = 0; i < colours.length; i++) colours[i] = lookup[this._codes[i]];
      this.write(view, colours);
    },
    codeAt(x, y) { return this.pixels.codeAt(x, y); },
  });

  /** Numbers looked up by class: a density of one year, or the change between two. */
  const DerivedRaster = BaseView.extend({
    initialize(room, facts) {
      BaseView.prototype.initialize.call(this, room, facts);
      this.lookup = Float64Array.from({ length: 256 }, (_, code) => {
        const value = facts.value_by_code[code];
        return value === undefined || value === null ? NaN : value;
      });
      this.ramp = sinks.ramp(facts.ramp);
      this.after = room.sources[facts.of];
      this.before = facts.minus ? room.sources[facts.minus] : null;
    },
    /* A device pixel that covers many pixels shows their mean, from nine samples two levels
       finer; the majority alone would hide every small change. */
    async paint(view, current) {
      const late = await this.after.pixels.prepare(view, FINER);
      const early = this.before && await this.before.pixels.prepare(view, FINER);
      const n = late.shown === 0 ? 1 : (view.width * view.height > MANY ? 2 : 3);
      const sum = new Float32Array(view.width * view.height);
      const count = new Uint8Array(sum.length);
      for (let s = 0; s < n * n; s++) {
        if (!current()) return false;
        const at = [(s % n + 0.5) / n, (Math.floor(s / n) + 0.5) / n];
        this._add(sum, count, this.after.pixels.codes(view, late, ...at),
          early && this.before.pixels.codes(view, early, ...at));
        if (n > 1) await sinks.breath();
      }
      if (!current()) return false;
      const colours = new Uint32Array(sum.length);
      for (let i = 0; i < sum.length; i++) if (count[i]) colours[i] = this.ramp(sum[i] / count[i]);
      this.level = late.shown;
      this.write(view, colours);
      this.room.fire('level', { layer: this });
      return true;
    },
    _add(sum, count, late, early) {
      const { lookup } = this;
      for (let i = 0; i < late.length; i++) {
        if (!late[i]) continue;
        const value = early ? lookup[late[i]] - lookup[early[i]] : lookup[late[i]];
        if (value === value) { sum[i] += value; count[i] += 1; } // not NaN
      }
    },
    /** The number at a point, from the full-size pixels; NaN where there is none. */
    async valueAt(x, y) {
      const value = this.lookup[await this.after.codeAt(x, y)];
      return this.before ? value - this.lookup[await this.before.codeAt(x, y)] : value;
    },
  });
  /** Colours at values as a function, the values between mixed in 1024 steps. */
  sinks.ramp = ({ stops }) => {
    const low = stops[0][0];
    const high = stops[stops.length - 1][0];
    const parts = stops.map(([, colour]) => [1, 3, 5].map((i) => parseInt(colour.substr(i, 2), 16)));
    const table = Uint32Array.from({ length: 1024 }, (_, i) => {
      const at = i / 1023 * (stops.length - 1);
      const k = Math.min(stops.length - 2, Math.floor(at));
      const [r, g, b] = [0, 1, 2].map((p) => Math.round(parts[k][p] + (parts[k + 1][p] - parts[k][p]) * (at - k)));
      return (0xff000000 | b << 16 | g << 8 | r) >>> 0;
    });
    return (value) => table[Math.max(0, Math.min(1023, Math.round((value - low) / (high - low) * 1023)))];
  };

  const panes = (map) => {
    [['sinksBase', 250], ['sinksLeft', 260], ['sinksSwipe', 640]].forEach(([name, z]) => {
      if (!map.getPane(name)) map.createPane(name).style.zIndex = z;
    });
  };
  const announced = (layer) => {
    layer.room.fire('layers');
    return layer;
  };
  sinks.classRaster = (map, id) => {
    panes(map);
    const room = sinks.of(map);
    const layer = new ClassRaster(room, sinks.facts(`${id}_facts`), sinks.takeText(`${id}_blocks`));
    room.sources[id] = layer;
    if (layer.facts.judges) room.sources[layer.facts.judges].judge = layer;
    return announced(layer);
  };
  sinks.derivedRaster = (map, id) => {
    panes(map);
    return announced(new DerivedRaster(sinks.of(map), sinks.facts(`${id}_facts`)));
  };
}());
