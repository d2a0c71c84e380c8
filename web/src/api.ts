import type { Answers, Facet, Info, Item, Job, MapStatus, Passage, Report, Similar } from "./types";
import { type MapPoints, read } from "./map/binary";

/** An answer that is an error, with its status. */
export class Refused extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** Asks the server; a key is asked for once and kept for this tab. */
async function send(method: string, path: string, body?: BodyInit, type = "application/json"): Promise<Response> {
  const headers: Record<string, string> = { "content-type": type };
  const key = sessionStorage.getItem("api-key");
  if (key) headers["api-key"] = key;
  const response = await fetch(path, { method, headers, body: body ?? null });
  if (response.status === 401) {
    const given = prompt("This server asks for an API key");
    if (given) {
      sessionStorage.setItem("api-key", given);
      return send(method, path, body, type);
    }
  }
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Refused(response.status, answer?.status?.error ?? `${response.status} ${response.statusText}`);
  }
  return response;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body === undefined ? undefined : JSON.stringify(body));
  return (await response.json()).result as T;
}

const of = (collection: string) => `/collections/${encodeURIComponent(collection)}`;

export const api = {
  collections: async () => (await ask<{ collections: { name: string }[] }>("GET", "/collections")).collections.map((c) => c.name),
  info: (collection: string) => ask<Info>("GET", `${of(collection)}/views`),
  search: (collection: string, body: object) => ask<Answers>("POST", `${of(collection)}/search`, body),
  item: (collection: string, id: string) => ask<Item>("GET", `${of(collection)}/items/${encodeURIComponent(id)}`),
  similar: (collection: string, body: object) => ask<{ hits: Similar[] }>("POST", `${of(collection)}/similar`, body),
  facet: async (collection: string, key: string, limit: number, filter?: object) =>
    (await ask<{ hits: Facet[] }>("POST", `${of(collection)}/facet`, { key, limit, filter })).hits,
  map: (collection: string) => ask<MapStatus>("GET", `${of(collection)}/map`),
  makeMap: (collection: string, view?: string) => ask<Job<unknown>>("POST", `${of(collection)}/map`, view === undefined ? {} : { view }),
  points: async (collection: string, colour: string, only: boolean): Promise<MapPoints> => {
    const query = new URLSearchParams({ colour, ...(only ? { only: "colour" } : {}) });
    return read(await (await send("GET", `${of(collection)}/map/points?${query}`)).arrayBuffer(), only);
  },
  passages: (collection: string, passages: number[]) => ask<Passage[]>("POST", `${of(collection)}/map/items`, { passages }),
  scores: (collection: string, body: object) => ask<{ passages: number[]; scores: number[] }>("POST", `${of(collection)}/map/scores`, body),
  matching: async (collection: string, filter: string) =>
    new Uint8Array(await (await send("POST", `${of(collection)}/map/matching`, JSON.stringify({ filter }))).arrayBuffer()),
  some: async (collection: string, limit: number, filter?: object) =>
    (await ask<{ points: { id: string | number; payload?: Record<string, unknown> }[] }>("POST", `${of(collection)}/points/scroll`, { limit, with_payload: true, filter })).points,
  inspect: (collection: string, view: string) => ask<Job<Report>>("POST", `${of(collection)}/inspect`, { view }),
  jobs: async () => (await ask<{ jobs: Job<unknown>[] }>("GET", "/jobs")).jobs,
  job: <T>(id: number) => ask<Job<T>>("GET", `/jobs/${id}`),
  cancel: (id: number) => ask<unknown>("DELETE", `/jobs/${id}`),
  upload: (path: string, file: Blob) => send("POST", path, file, "application/octet-stream").then((r) => r.json()),
};
