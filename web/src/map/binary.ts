/** The points of a map, as they travel: see `crates/serve/src/map/points.rs`. */
export interface MapPoints {
  x: Float32Array;
  y: Float32Array;
  passages: Uint32Array;
  /** The group of each point; {@link NONE} for none. */
  colours: Uint16Array;
  head: { name: string; groups: string[]; scale: boolean; points: number };
}

export const NONE = 65535;

/** Reads points; of an answer that holds colours alone, places and passages are empty. */
export function read(buffer: ArrayBuffer, only: boolean): MapPoints {
  const view = new DataView(buffer);
  if (buffer.byteLength < 16 || view.getUint32(0, true) !== 0x50414d56 || view.getUint32(4, true) !== 1) throw new Error("The map is of a form that this page does not know");
  const n = view.getUint32(8, true);
  let at = 16 + view.getUint32(12, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 16, at - 16))) as MapPoints["head"];
  const place = (rows: number) => ((at += 4 * rows), at - 4 * rows);
  const rows = only ? 0 : n;
  const x = new Float32Array(buffer, place(rows), rows);
  const y = new Float32Array(buffer, place(rows), rows);
  const passages = new Uint32Array(buffer, place(rows), rows);
  return { x, y, passages, colours: new Uint16Array(buffer, at, n), head };
}

/** Finds points by the passage they show. */
export class Places {
  /** Points by ascending passage; none when they are in that order already. */
  private order: Uint32Array | null = null;

  constructor(private readonly passages: Uint32Array) {
    for (let i = 1; i < passages.length; i++) {
      if (passages[i]! < passages[i - 1]!) {
        this.order = Uint32Array.from(passages.keys()).sort((a, b) => passages[a]! - passages[b]!);
        break;
      }
    }
  }

  /** The point of a passage; −1 when it is not on the map. */
  of(passage: number): number {
    let [low, high] = [0, this.passages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.passages[this.at(middle)]! < passage) low = middle + 1;
      else high = middle;
    }
    const point = low < this.passages.length ? this.at(low) : -1;
    return point >= 0 && this.passages[point] === passage ? point : -1;
  }

  private at(i: number): number {
    return this.order ? this.order[i]! : i;
  }
}
