/** What the server answers. */
export type Payload = Record<string, unknown>;
export interface Explained { view: string; rank: number | null; score: number; part: number; matched: string[] }
export interface Hit {
  id: string; title: string; path: string | null; score: number; heading: string; text: string; passage: number;
  snippet: { text: string; highlights: { start: number; end: number }[] };
  payload: Payload; more: number; explain: Explained[];
}
export interface Answers { hits: Hit[]; views: string[]; candidates: number; milliseconds: number }
export interface Similar { id: string | number; score: number; title: string; path: string | null; text: string; payload: Payload; passages: number[] }
export interface View { name: string; kind: "dense" | "sparse"; encoder: string | null; dim: number | null; terms: number | null; graph_rows: number }
export interface Info {
  info: { generation: number; documents: number; passages: number; dead: number; segments: number; bytes: number; views: View[] };
  status: { waiting: number; merging: boolean; merging_rows: number; failed_merges: number };
  recipe: unknown;
}
export interface Stored { id: string; title: string; path: string | null; text: string; payload: Payload; passages: { number: number; heading: string; text: string }[] }
export interface Item { item: Stored; neighbours: unknown[] }
export interface Facet { value: string | number | boolean; count: number }
export interface Region { name: string; x: number; y: number; count: number }
export interface MapStatus {
  state: "none" | "running" | "ready" | "failed"; error: string | null; points: number; regions: Region[]; views: string[]; fields: string[];
  view?: string; seconds?: number; stale?: boolean; job?: { stage: string; done: number; total: number | null };
}
export interface Passage { passage: number; id: string; title: string; path: string | null; heading: string; text: string; payload: Payload }
/** A report on vectors: the sections, and all of it as a page with its pictures. */
export interface Report { title: string; html: string }
export interface Job<T> {
  id: number; kind: string; collection: string; state: "waiting" | "running" | "done" | "failed" | "cancelled"; created: number; seconds: number | null;
  stage: string; done: number; total: number | null; unit: string; note: string; error: string | null; result?: T | null;
}
