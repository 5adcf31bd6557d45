import { setTimeout as sleep } from 'node:timers/promises';
import { ANSWERS, type Kind, type Request } from './requests.ts';

/** What became of the requests of one kind. */
export interface Tally {
  sent: number;
  /** Sent again because there was no answer, or one of the 5xx. */
  again: number;
  /** Answered otherwise than they must be: how often, by status. */
  readonly wrong: Record<number, number>;
}

/** How requests are sent. */
export interface DriverOptions {
  readonly url: string;
  readonly signal: AbortSignal;
  /** Called after each final answer. */
  readonly onAnswer: () => void;
}

/** Requests under way at once. */
const CONCURRENCY = 16;
const ANSWER_WITHIN_MS = 10_000;
const AGAIN_AFTER_MS = 50;

/**
 * Sends the waves one after another, and each request until it is answered for good, as a person would with GitHub's redelivery
 * button. Rejects when the signal aborts.
 */
export async function drive(waves: readonly (readonly Request[])[], options: DriverOptions): Promise<Readonly<Record<Kind, Tally>>> {
  const tallies: Record<Kind, Tally> = { genuine: newTally(), forged: newTally(), conflicting: newTally() };
  for (const wave of waves) {
    const queue = wave.values(); // shared: each lane takes the next
    const lane = async () => {
      for (const request of queue) await deliver(request, tallies[request.kind], options);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  }
  return tallies;
}

async function deliver(request: Request, tally: Tally, { url, signal, onAnswer }: DriverOptions): Promise<void> {
  tally.sent++;
  for (;;) {
    const status = await post(request, url, signal);
    if (status !== undefined && status < 500) {
      if (status !== ANSWERS[request.kind]) tally.wrong[status] = (tally.wrong[status] ?? 0) + 1;
      return onAnswer();
    }
    tally.again++;
    await sleep(AGAIN_AFTER_MS, undefined, { signal });
  }
}

/** The status of the answer; undefined where there was none. */
async function post({ delivery, event, signature, body }: Request, url: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-GitHub-Event': event, 'X-GitHub-Delivery': delivery, 'X-Hub-Signature-256': signature },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.text();
    return response.status;
  } catch {
    signal.throwIfAborted();
    return undefined; // the receiver died, or is not back yet
  }
}

function newTally(): Tally {
  return { sent: 0, again: 0, wrong: {} };
}
