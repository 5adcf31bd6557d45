import { formatDuration } from './duration.ts';
import { SemelError } from './errors.ts';

/** How late a message can come again, and who says so. */
export interface RedeliveryWindow {
  readonly service: string;
  readonly windowMs: number;
  /** Where the figure is from: a document, or a setting of the broker. */
  readonly source: string;
}

/** Throws `window-too-short` where a duplicate can come after its record is gone, with the figure that would do (trap 12). */
export function checkWindow(consumer: string, { service, windowMs, source }: RedeliveryWindow, recordsKeptMs: number): void {
  if (recordsKeptMs >= windowMs) return;
  throw new SemelError(
    'window-too-short',
    `consumer ${consumer}: ${service} can deliver a message again for ${formatDuration(windowMs)} (${source}), but its record is kept for ${formatDuration(recordsKeptMs)}; a late duplicate would run again. Set retention.inboxMs to at least ${windowMs}`,
    { details: { neededMs: windowMs, givenMs: recordsKeptMs } },
  );
}
