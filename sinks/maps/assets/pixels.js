/* The pixels of a class raster on their own grid: blocks are inflated when they are looked
   at, and every device pixel asks which pixel of the grid it lies in. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const SIDE = 512; // of a block
  const MOST_BLOCKS = 320; // kept inflated, 84 MB
  const MESH = 64; // device pixels between two exact positions
  const NO_DATA = 0;

  /** The pixels of one raster: facts from the page, blocks as one long base64 text. */
  class Pixels {
    constructor(facts, text) {
      Object.assign(this, facts);
      this.text = text;
      this.kept = new Map();
      let offset = 0;
      this.levels = facts.levels.map(({ rows, cols, lengths }) => {
        const starts = lengths.map((length) => { const at = offset; offset += length; return at; });
        return { rows, cols, lengths, starts, across: Math.ceil(cols / SIDE) };
      });
    }

    /** Column and row, fractional, of a point of Web Mercator. */
    locate(x, y) {
      const { centre_m: c, half_m: h, degree, col, row } = this.placement;
      const u = (x - c[0]) / h[0];
      const v = (y - c[1]) / h[1];
      let across = 0;
      let down = 0;
      for (let i = 0, k = 0, ui = 1; i <= degree; i++, ui *= u) {
        for (let j = 0, power = ui; j <= degree - i; j++, k++, power *= v) {
          across += col[k] * power;
          down += row[k] * power;
        }
      }
      return [across, down];
    }

    /** Coordinates in the CRS of the raster. */
    coordinates(x, y) {
      const [col, row] = this.locate(x, y);
      return [this.west + col * this.step_x, this.north + row * this.step_y];
    }

    block(level, number) {
      const { lengths, starts } = this.levels[level];
      if (!lengths[number]) return Promise.resolve(null);
      const key = level * 1e7 + number;
      const block = this.kept.get(key)
        || sinks.inflate(this.text.substr(starts[number], lengths[number]));
      this.kept.delete(key);
      this.kept.set(key, block); // the last one used is the last one dropped
      if (this.kept.size > MOST_BLOCKS) this.kept.delete(this.kept.keys().next().value);
      return block;
    }

    /** The class code at a point of Web Mercator, from the full-size pixels. */
    async codeAt(x, y) {
      const [col, row] = this.locate(x, y).map(Math.floor);
      const { rows, cols, across } = this.levels[0];
      if (col < 0 || row < 0 || col >= cols || row >= rows) return NO_DATA;
      const block = await this.block(0, Math.floor(row / SIDE) * across + Math.floor(col / SIDE));
      return block ? block[(row % SIDE) * SIDE + (col % SIDE)] : NO_DATA;
    }

    /** Positions every MESH device pixels; in between they run straight. */
    mesh(view) {
      const nx = Math.ceil(view.width / MESH) + 1;
      const ny = Math.ceil(view.height / MESH) + 1;
      const cols = new Float64Array(nx * ny);
      const rows = new Float64Array(nx * ny);
      for (let j = 0, k = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++, k++) {
          const at = this.locate(view.left + i * MESH * view.step, view.top - j * MESH * view.step);
          cols[k] = at[0];
          rows[k] = at[1];
        }
      }
      return { nx, ny, cols, rows };
    }

    /** The level at which a device pixel is no larger than about a pixel and a half. */
    levelFor(mesh) {
      const m = Math.floor(mesh.ny / 2) * mesh.nx + Math.floor(mesh.nx / 2) - 1;
      const across = Math.hypot(mesh.cols[m + 1] - mesh.cols[m], mesh.rows[m + 1] - mesh.rows[m]);
      const level = Math.floor(Math.log2(across / MESH) + 0.35);
      return Math.max(0, Math.min(this.levels.length - 1, level));
    }

    /** Blocks of a level that the mesh touches, by number. */
    async blocksUnder(mesh, level) {
      const side = SIDE * 2 ** level;
      const { rows, cols, across } = this.levels[level];
      const span = (values, most) => {
        let low = Infinity;
        let high = -Infinity;
        for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
        return [Math.max(0, Math.floor(low / side)), Math.min(Math.ceil(most / SIDE) - 1, Math.floor(high / side))];
      };
      const [left, right] = span(mesh.cols, cols);
      const [top, bottom] = span(mesh.rows, rows);
      const wanted = [];
      for (let j = top; j <= bottom; j++) for (let i = left; i <= right; i++) wanted.push(j * across + i);
      const blocks = await Promise.all(wanted.map((number) => this.block(level, number)));
      return new Map(wanted.map((number, i) => [number, blocks[i]]));
    }

    /** Everything a view needs, at the level that fits it or some levels finer. */
    async prepare(view, finer) {
      const mesh = this.mesh(view);
      const shown = this.levelFor(mesh);
      const level = Math.max(0, shown - finer);
      return { mesh, shown, level, blocks: await this.blocksUnder(mesh, level) };
    }

    /** Codes for every device pixel, each taken (dx, dy) of a device pixel inside it. */
    codes(view, prepared, dx, dy) {
      const { mesh } = prepared;
      const out = new Uint8Array(view.width * view.height);
      for (let j = 0; j < mesh.ny - 1; j++) {
        for (let i = 0; i < mesh.nx - 1; i++) this._cell(out, view, prepared, { i, j, dx, dy });
      }
      return out;
    }

    _cell(out, view, { level, mesh, blocks }, { i, j, dx, dy }) {
      const { rows, cols, across } = this.levels[level];
      const shrink = 1 / (2 ** level * MESH);
      const k = j * mesh.nx + i;
      const corner = (values) => [values[k], values[k + 1], values[k + mesh.nx], values[k + mesh.nx + 1]];
      const [c00, c10, c01, c11] = corner(mesh.cols);
      const [r00, r10, r01, r11] = corner(mesh.rows);
      const x1 = Math.min(MESH, view.width - i * MESH);
      const y1 = Math.min(MESH, view.height - j * MESH);
      for (let y = 0; y < y1; y++) {
        const t = (y + dy) / MESH;
        const c0 = c00 + (c01 - c00) * t;
        const r0 = r00 + (r01 - r00) * t;
        const cStep = (c10 + (c11 - c10) * t - c0) * shrink;
        const rStep = (r10 + (r11 - r10) * t - r0) * shrink;
        let c = c0 * shrink * MESH + cStep * dx;
        let r = r0 * shrink * MESH + rStep * dx;
        let at = (j * MESH + y) * view.width + i * MESH;
        let last = -1;
        let block = null;
        for (let x = 0; x < x1; x++, at++, c += cStep, r += rStep) {
          if (c < 0 || r < 0 || c >= cols || r >= rows) continue;
          const col = c | 0;
          const row = r | 0;
          const number = (row >> 9) * across + (col >> 9);
          if (number !== last) { block = blocks.get(number); last = number; }
          if (block) out[at] = block[(row & 511) << 9 | (col & 511)];
        }
      }
    }
  }
  sinks.Pixels = Pixels;
}());
