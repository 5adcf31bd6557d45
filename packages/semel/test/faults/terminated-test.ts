import pg from 'pg';
import { expect, test } from 'vitest';
import { PATIENT, SEED, underLoad } from './under-load.ts';

/** @param url gives the address of an empty database @param kills how many connections are ended, whatever they are at */
export function terminatedTest(url: () => string, kills: number): void {
  test(`${kills} connections are terminated at random under load: every message has one effect, keys are in order (seed ${SEED})`, PATIENT, async () => {
    const admin = new pg.Pool({ connectionString: url(), max: 1 });
    let killed = 0;
    await underLoad(url(), async ({ random, pause }) => {
      while (killed < kills) {
        await pause(60);
        const { rows } = await admin.query<{ pid: number }>(OTHERS);
        const victim = rows[Math.floor(random() * rows.length)];
        if (victim !== undefined) killed += (await admin.query('select where pg_terminate_backend($1)', [victim.pid])).rowCount ?? 0;
      }
    });
    await admin.end();
    expect(killed).toBe(kills);
  });
}

const OTHERS = `select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() order by pid`;
