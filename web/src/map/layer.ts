import { api } from "../api";
import { type MapPoints, NONE, Places } from "./binary";
import { kinds, steps } from "./colours";

/** Steps of a scale of scores. */
const SHADES = 24;
/** So many answers of a question are coloured. */
const SCORED = 2000;

/** What points are coloured by, and what they show. */
export class Layer {
  points: MapPoints | null = null;
  private places: Places | null = null;

  constructor(private readonly collection: string) {}

  /** Loads the points, coloured by a field or by region. */
  async load(colour: string): Promise<MapPoints> {
    this.points = await api.points(this.collection, colour, false);
    this.places = new Places(this.points.passages);
    return this.points;
  }

  /** Colours by another field. */
  async colour(field: string): Promise<void> {
    const { colours, head } = await api.points(this.collection, field, true);
    if (this.points && colours.length === this.points.x.length) this.points = { ...this.points, colours, head };
  }

  /** Colours by how well points answer a question; those that do not are grey. */
  async score(query: string, filter: string | undefined): Promise<void> {
    const points = this.points!;
    const { passages, scores } = await api.scores(this.collection, { query, k: SCORED, filter });
    const colours = new Uint16Array(points.x.length).fill(NONE);
    const [best, worst] = [scores[0] ?? 1, scores[scores.length - 1] ?? 0];
    passages.forEach((passage, i) => {
      const point = this.of(passage);
      if (point >= 0) colours[point] = Math.min(SHADES - 1, Math.floor((SHADES * (scores[i]! - worst)) / Math.max(best - worst, 1e-9)));
    });
    const groups = Array.from({ length: SHADES }, (_, i) => (i === 0 ? `${worst.toFixed(2)} to ` : i === SHADES - 1 ? ` to ${best.toFixed(2)}` : ""));
    this.points = { ...points, colours, head: { name: "score", groups, scale: true, points: points.x.length } };
  }

  /** The point of a passage; −1 when it is not on the map. */
  of(passage: number): number {
    return this.places?.of(passage) ?? -1;
  }

  palette(dark: boolean): string[] {
    const { groups, scale } = this.points?.head ?? { groups: [], scale: false };
    return scale ? steps(groups.length, dark) : kinds(groups.length, dark);
  }
}

/** The points that bits and chosen kinds both let through; none when all are. */
export function visible(points: MapPoints, bits: Uint8Array | null, alone: ReadonlySet<number>): number[] | null {
  if (!bits && alone.size === 0) return null;
  const found: number[] = [];
  for (let i = 0; i < points.x.length; i++) {
    const colour = points.colours[i]!;
    const kind = colour === NONE ? points.head.groups.length : colour;
    if ((!bits || (bits[i >> 3]! >> (i & 7)) & 1) && (alone.size === 0 || alone.has(kind))) found.push(i);
  }
  return found;
}
