import type { RequestFault } from 'semel/testing';
import { expect, test } from 'vitest';
import { CutLine } from './cut-line.ts';
import { proxied, proxyTo } from './proxied.ts';
import { PATIENT, SEED, underLoad } from './under-load.ts';

/** Each second one is cut before the server gets COMMIT, the others after it: the client has the same error. */
const CUTS: readonly RequestFault['then'][] = ['cut-before-request', 'cut-reply', 'cut-before-request', 'cut-after-request'];

/** How the store is used when its COMMIT is cut; no multiple of four, so that each meets every kind of cut. */
const WAYS = ['transaction', 'external', 'queue'] as const;

/** @param url gives the address of an empty database */
export function lostCommitsTest(url: () => string, cuts: number): void {
  test(`traps 19, 50: COMMIT is cut ${cuts} times, half of them before the server has it: what is reported is what is committed`, PATIENT, async () => {
    await using line = await CutLine.open(url());
    for (let round = 0; round < cuts; round++) await line[WAYS[round % WAYS.length] as (typeof WAYS)[number]](CUTS[round % CUTS.length] as (typeof CUTS)[number]);
    expect(line.hits).toBe(cuts);
    expect(await line.finish()).toEqual([]);
  });
}

/** @param url gives the address of an empty database */
export function cutsUnderLoadTest(url: () => string, cuts: number): void {
  test(`any COMMIT is cut, ${cuts} times at random under load: every message has one effect, keys are in order (seed ${SEED})`, PATIENT, async () => {
    await using proxy = await proxyTo(url());
    let hits = 0;
    await underLoad(proxied(proxy, url()), async ({ random, pause }) => {
      for (; hits < cuts; hits++) {
        await pause(20);
        await proxy.once({ request: /commit\0/i, then: CUTS[Math.floor(random() * CUTS.length)] as (typeof CUTS)[number], signal: AbortSignal.timeout(20_000) });
      }
    });
    expect(hits).toBe(cuts);
  });
}
