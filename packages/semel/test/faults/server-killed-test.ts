import { expect, test } from 'vitest';
import { OwnPostgres } from '../services/own-postgres.ts';
import { PATIENT, SEED, underLoad } from './under-load.ts';

/** @param crashes how often the server is killed and started again */
export function serverKilledTest(crashes: number): void {
  test(`the server is killed ${crashes} times under load: every message has one effect, keys are in order (seed ${SEED})`, PATIENT, async () => {
    await using server = await OwnPostgres.start();
    let killed = 0;
    await underLoad(server.url, async ({ pause }) => {
      for (; killed < crashes; killed++) {
        await pause(800);
        await server.crash();
        await pause(300);
        await server.restart();
      }
    });
    expect(killed).toBe(crashes);
  });
}
