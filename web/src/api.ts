export interface Explained { view: string; rank: number | null; score: number; part: number; matched: string[] }
export interface Hit {
  id: string; title: string; path: string | null; score: number; heading: string; text: string;
  snippet: { text: string; highlights: { start: number; end: number }[] };
  payload: Record<string, unknown>; more: number; explain: Explained[];
}
export interface Answers { hits: Hit[]; views: string[]; candidates: number; milliseconds: number }
export interface View { name: string; kind: "dense" | "sparse"; encoder: string | null; dim: number | null; terms: number | null; graph_rows: number }
export interface Info {
  info: { generation: number; documents: number; passages: number; dead: number; segments: number; bytes: number; views: View[] };
  status: { waiting: number; merging: boolean; merging_rows: number; failed_merges: number };
  recipe: unknown;
}
export interface Neighbour { id: string | number; score: number; title: string; text: string; payload: Record<string, unknown> }
export interface Item {
  item: { id: string; title: string; path: string | null; text: string; payload: Record<string, unknown>; passages: unknown[] };
  neighbours: Neighbour[];
}
export interface Point { id: string | number; score?: number; payload?: Record<string, unknown> }
export interface Facet { value: string | number | boolean; count: number }

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  const key = sessionStorage.getItem("api-key");
  if (key) headers["api-key"] = key;
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) {
    const given = prompt("This server asks for an API key");
    if (given) {
      sessionStorage.setItem("api-key", given);
      return ask(method, path, body);
    }
  }
  if (!response.ok) throw new Error(answer?.status?.error ?? `${response.status} ${response.statusText}`);
  return answer.result as T;
}

const of = (collection: string) => `/collections/${encodeURIComponent(collection)}`;

export const api = {
  collections: async () => (await ask<{ collections: { name: string }[] }>("GET", "/collections")).collections.map((c) => c.name),
  info: (collection: string) => ask<Info>("GET", `${of(collection)}/views`),
  search: (collection: string, body: object) => ask<Answers>("POST", `${of(collection)}/search`, body),
  item: (collection: string, id: string) => ask<Item>("GET", `${of(collection)}/items/${encodeURIComponent(id)}`),
  facet: async (collection: string, key: string, limit = 6) =>
    (await ask<{ hits: Facet[] }>("POST", `${of(collection)}/facet`, { key, limit })).hits,
  some: async (collection: string, limit: number) =>
    (await ask<{ points: Point[] }>("POST", `${of(collection)}/points/scroll`, { limit, with_payload: true })).points,
};
