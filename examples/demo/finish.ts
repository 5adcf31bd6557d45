import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isEmpty } from './brokers/column-broker.ts';
import type { Mode, Work } from './mode.ts';
import { NAIVE } from './naive-workers.ts';
import { startSemel } from './semel-worker.ts';

const TICK_MS = 10;

/**
 * Does what the workers of a column have left, in this process, which nobody kills. Only who is alone with a broker can be sure that nothing is left: what it counts
 * leaves out what a consumer has in hand, or one that died has not lost yet.
 */
export async function finish(mode: Mode, rest: Omit<Work, 'crashes'>): Promise<void> {
  const work: Work = { ...rest, crashes: { at: () => {} } };
  if (mode === 'semel') await finishSemel(work);
  else await finishNaive(NAIVE[mode], work);
  work.stop.throwIfAborted();
}

/** Semel knows by itself when it has nothing left to do. */
async function finishSemel(work: Work): Promise<void> {
  const running = await startSemel(work);
  await Promise.race([running.idle(), aborted(work.stop)]);
  await running.stop();
}

async function finishNaive(loop: (work: Work) => Promise<void>, work: Work): Promise<void> {
  if (await isEmpty(work.broker)) return;
  const settled = new AbortController();
  const stop = AbortSignal.any([work.stop, settled.signal]);
  const consuming = loop({ ...work, stop });
  const watching = watch(work, stop).finally(() => settled.abort());
  await Promise.all([consuming, watching]);
}

async function watch({ broker }: Work, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && !(await isEmpty(broker))) await sleep(TICK_MS);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
