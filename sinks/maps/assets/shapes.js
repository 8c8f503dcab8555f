/* Polygons, lines and points: decoded once into flat arrays, found through a grid of cells,
   painted on the canvas of the view. A feature is a run of rings, a ring a run of vertices. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const MANY = 5000; // features in view; fewer are filled one by one, so that overlaps show
  const BATCH = 24; // beyond, polygons filled at once; one path of all takes far longer
  const SLICE = 12; // milliseconds of painting between two breaths

  /** Read variable-length numbers: seven bits a byte, lowest first. */
  const reader = (bytes) => {
    let at = 0;
    return () => {
      let number = 0;
      let shift = 0;
      let byte;
      do {
        byte = bytes[at++];
        number |= (byte & 127) << shift;
        shift += 7;
      } while (byte & 128);
      return number >>> 0;
    };
  };
  const runs = (count, next) => {
    const ends = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) ends[i + 1] = ends[i] + next();
    return ends;
  };

  class Shapes {
    constructor(bytes, { kind, origin_m: origin, step_m: step, features, rings }) {
      const next = reader(bytes);
      Object.assign(this, { kind, origin, step, features });
      this.ringEnds = runs(features, next);
      this.vertexEnds = runs(rings, next);
      const vertices = this.vertexEnds[rings];
      this.xs = new Int32Array(vertices);
      this.ys = new Int32Array(vertices);
      const signed = () => { const z = next(); return (z >>> 1) ^ -(z & 1); };
      for (let i = 0, x = 0, y = 0; i < vertices; i++) {
        x += signed();
        y += signed();
        this.xs[i] = x;
        this.ys[i] = y;
      }
      this._boxes();
      this._cells();
    }

    /** First and last vertex of all rings of a feature. */
    span(feature) {
      return [this.vertexEnds[this.ringEnds[feature]], this.vertexEnds[this.ringEnds[feature + 1]]];
    }

    _boxes() {
      this.box = new Int32Array(this.features * 4);
      for (let f = 0; f < this.features; f++) {
        const [from, to] = this.span(f);
        let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
        for (let v = from; v < to; v++) {
          if (this.xs[v] < left) left = this.xs[v];
          if (this.xs[v] > right) right = this.xs[v];
          if (this.ys[v] < bottom) bottom = this.ys[v];
          if (this.ys[v] > top) top = this.ys[v];
        }
        this.box.set([left, bottom, right, top], f * 4);
      }
    }

    /** A coarse grid over the layer: which features touch which cell. */
    _cells() {
      let width = 1;
      let height = 1;
      for (let k = 0; k < this.box.length; k += 4) {
        width = Math.max(width, this.box[k + 2]);
        height = Math.max(height, this.box[k + 3]);
      }
      this.side = Math.max(1, Math.ceil(Math.sqrt(this.features / 16)));
      this.cell = [width / this.side + 1, height / this.side + 1];
      this.cells = Array.from({ length: this.side ** 2 }, () => []);
      for (let f = 0; f < this.features; f++) {
        this._eachCell(this.box.subarray(f * 4, f * 4 + 4), (cell) => this.cells[cell].push(f));
      }
    }
    _eachCell([left, bottom, right, top], visit) {
      const clamp = (value, size) => Math.max(0, Math.min(this.side - 1, Math.floor(value / size)));
      const [w, h] = this.cell;
      for (let j = clamp(bottom, h); j <= clamp(top, h); j++) {
        for (let i = clamp(left, w); i <= clamp(right, w); i++) visit(j * this.side + i);
      }
    }

    /** Features whose boxes meet a box given in metres of Web Mercator, in their order. */
    within(left, bottom, right, top) {
      const box = [left, bottom, right, top].map((v, i) => (v - this.origin[i % 2]) / this.step);
      const found = new Set();
      this._eachCell(box, (cell) => this.cells[cell].forEach((f) => {
        const k = f * 4;
        if (this.box[k] <= box[2] && this.box[k + 2] >= box[0]
          && this.box[k + 1] <= box[3] && this.box[k + 3] >= box[1]) found.add(f);
      }));
      return Array.from(found).sort((a, b) => a - b);
    }

    /** Features at a point of Web Mercator; lines and points within ``reach`` metres. */
    at(x, y, reach) {
      const far = this.kind === 'polygon' ? 0 : reach;
      const px = (x - this.origin[0]) / this.step;
      const py = (y - this.origin[1]) / this.step;
      const hit = this.kind === 'polygon' ? (f) => this._contains(f, px, py)
        : (f) => this._distance(f, px, py) <= far / this.step;
      return this.within(x - far, y - far, x + far, y + far).filter(hit);
    }
    _contains(feature, x, y) {
      let inside = false;
      for (let r = this.ringEnds[feature]; r < this.ringEnds[feature + 1]; r++) {
        const to = this.vertexEnds[r + 1];
        for (let i = this.vertexEnds[r], j = to - 1; i < to; j = i++) {
          const [xi, yi, xj, yj] = [this.xs[i], this.ys[i], this.xs[j], this.ys[j]];
          if ((yi > y) !== (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) inside = !inside;
        }
      }
      return inside;
    }
    _distance(feature, x, y) {
      let least = Infinity;
      for (let r = this.ringEnds[feature]; r < this.ringEnds[feature + 1]; r++) {
        for (let i = this.vertexEnds[r]; i < this.vertexEnds[r + 1]; i++) {
          const a = Math.max(i - 1, this.vertexEnds[r]);
          const [dx, dy] = [this.xs[i] - this.xs[a], this.ys[i] - this.ys[a]];
          const along = ((x - this.xs[a]) * dx + (y - this.ys[a]) * dy) / (dx * dx + dy * dy || 1);
          const t = Math.max(0, Math.min(1, along));
          least = Math.min(least, Math.hypot(x - this.xs[a] - t * dx, y - this.ys[a] - t * dy));
        }
      }
      return least;
    }

    /** Rings of a feature in degrees, for Leaflet. */
    rings(feature) {
      const rings = [];
      for (let r = this.ringEnds[feature]; r < this.ringEnds[feature + 1]; r++) {
        const ring = [];
        for (let v = this.vertexEnds[r]; v < this.vertexEnds[r + 1]; v++) {
          ring.push(sinks.latlng(this.origin[0] + this.xs[v] * this.step, this.origin[1] + this.ys[v] * this.step));
        }
        rings.push(ring);
      }
      return rings;
    }
    bounds(feature) {
      const [left, bottom, right, top] = this.box.subarray(feature * 4, feature * 4 + 4);
      const corner = (x, y) => sinks.latlng(this.origin[0] + x * this.step, this.origin[1] + y * this.step);
      return L.latLngBounds(corner(left, bottom), corner(right, top));
    }
  }

  sinks.ShapeLayer = sinks.View.extend({
    options: { pane: 'sinksShapes', className: 'sinks-shapes' },
    initialize(room, facts, text) {
      Object.assign(this, { room, facts });
      this.ready = sinks.inflate(text).then((bytes) => {
        this.shapes = new Shapes(bytes, facts);
        return this;
      });
      L.setOptions(this, { order: room.overlays.push(this) });
    },
    /** Features at a place, each with the names it goes by. */
    find(latlng) {
      if (!this.shapes) return [];
      const [x, y] = sinks.mercator(latlng);
      const reach = 6 * 2 * Math.PI * 6378137 / (256 * 2 ** this.room.map.getZoom());
      return this.shapes.at(x, y, reach).map((feature) => ({ layer: this, feature, name: this.facts.names[feature] }));
    },
    async paint(view, current) {
      await this.ready;
      const far = 4 * view.step * view.scale;
      const seen = this.shapes.within(view.left - far, view.top - view.height * view.step - far,
        view.left + view.width * view.step + far, view.top + far);
      const { style } = this.facts;
      const context = view.canvas.getContext('2d');
      context.lineJoin = 'round';
      const halo = { colour: style.halo, width: style.width + 2.4 };
      const pen = { ...style, fills: this.fills || this.facts.fills };
      for (const each of style.halo ? [halo, pen] : [pen]) {
        if (!await this._pass(context, view, seen, each, current)) return false;
      }
      return true;
    },
    /** Draw with one pen; `fills` gives features colours of their own, or none. */
    async _pass(context, view, seen, { colour, width, dash, fill, fills }, current) {
      context.strokeStyle = colour;
      context.lineWidth = width * view.scale;
      context.setLineDash((dash || []).map((part) => part * view.scale));
      let since = performance.now();
      const batch = seen.length > MANY && !fills ? BATCH : 1;
      for (let k = 0; k < seen.length; k += batch) {
        context.beginPath();
        seen.slice(k, k + batch).forEach((feature) => this._trace(context, view, feature));
        const inside = fills ? fills[seen[k]] : fill;
        if (inside) context.fillStyle = inside;
        if (inside && this.facts.kind === 'polygon') context.fill('evenodd');
        if (inside && this.facts.kind === 'point') context.fill();
        if (width) context.stroke();
        if (performance.now() - since > SLICE) {
          await sinks.breath();
          if (!current()) return false;
          since = performance.now();
        }
      }
      return true;
    },
    _trace(context, view, feature) {
      const { shapes } = this;
      const scale = shapes.step / view.step;
      const x0 = (shapes.origin[0] - view.left) / view.step;
      const y0 = (view.top - shapes.origin[1]) / view.step;
      for (let r = shapes.ringEnds[feature]; r < shapes.ringEnds[feature + 1]; r++) {
        const from = shapes.vertexEnds[r];
        const to = shapes.vertexEnds[r + 1];
        let x = x0 + shapes.xs[from] * scale;
        let y = y0 - shapes.ys[from] * scale;
        if (shapes.kind === 'point') {
          const radius = (this.facts.style.radius || 5) * view.scale;
          context.moveTo(x + radius, y);
          context.arc(x, y, radius, 0, 2 * Math.PI);
          continue;
        }
        context.moveTo(x, y);
        for (let v = from + 1; v < to; v++) {
          const nextX = x0 + shapes.xs[v] * scale;
          const nextY = y0 - shapes.ys[v] * scale;
          const skip = v < to - 1 && (nextX - x) ** 2 + (nextY - y) ** 2 < 0.5;
          if (skip) continue; // less than a pixel from the last one
          context.lineTo(nextX, nextY);
          x = nextX;
          y = nextY;
        }
        if (shapes.kind === 'polygon') context.closePath();
      }
    },
  });

  sinks.shapeLayer = (map, id) => {
    if (!map.getPane('sinksShapes')) map.createPane('sinksShapes').style.zIndex = 410;
    const layer = new sinks.ShapeLayer(sinks.of(map), sinks.facts(`${id}_facts`), sinks.takeText(`${id}_blocks`));
    if (layer.facts.labels) sinks.labels(layer);
    layer.room.fire('layers');
    return layer;
  };
}());
