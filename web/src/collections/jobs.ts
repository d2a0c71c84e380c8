import { api } from "../api";
import { h, number } from "../dom";
import type { Job } from "../types";

const listeners = new Set<(jobs: Job<unknown>[]) => void>();
let timer = 0;
let badge: HTMLElement | null = null;

/** Whether a job goes on. */
export const active = (job: Job<unknown>) => job.state === "running" || job.state === "waiting";

/** Asks after jobs: often while one runs, now and then else. A server without jobs is not asked again. */
export async function look(): Promise<void> {
  clearTimeout(timer);
  const jobs = await api.jobs().catch(() => null);
  if (jobs === null) return;
  const running = jobs.filter(active);
  if (badge) {
    badge.hidden = running.length === 0;
    badge.textContent = running.length === 1 ? `${running[0]!.kind} ${share(running[0]!)}` : `${running.length} jobs`;
  }
  for (const listener of listeners) listener(jobs);
  timer = window.setTimeout(() => void look(), running.length > 0 ? 700 : document.hidden ? 60_000 : 15_000);
}

/** Keeps the header's sign of running jobs. */
export function watchJobs(element: HTMLElement): void {
  badge = element;
  void look();
}

/** Tells of jobs whenever they were asked after; gives back what ends that. */
export function onJobs(listener: (jobs: Job<unknown>[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function share(job: Job<unknown>): string {
  return job.total ? `${Math.min(100, Math.floor((100 * job.done) / job.total))} %` : "…";
}

/** A job with its progress. */
export function jobRow(job: Job<unknown>): HTMLElement {
  const amount = job.total ? `${number(job.done)} of ${number(job.total)} ${job.unit}` : job.done > 0 ? `${number(job.done)} ${job.unit}` : "";
  const says = job.error ?? [job.stage, amount, job.note].filter(Boolean).join(" · ");
  const seconds = job.seconds === null ? "" : `${job.seconds.toFixed(job.seconds < 10 ? 1 : 0)} s`;
  return h("li", { class: `job ${job.state}` },
    h("b", {}, `${job.kind} · ${job.collection}`), h("span", { class: "state" }, job.state), h("span", { class: "quiet" }, seconds),
    active(job) ? h("progress", job.total ? { max: job.total, value: Math.min(job.done, job.total), "aria-label": "Progress" } : { "aria-label": "Progress" }) : null,
    says ? h("p", { class: job.error ? "bad" : "quiet" }, says) : null,
    active(job) ? h("button", { type: "button", onclick: () => void api.cancel(job.id).then(look, look) }, "Stop") : null);
}
