import { expect, test } from 'vitest';
import { describeOnForgetfulDisk } from './describe-on-forgetful-disk.ts';
import type { Ground } from './ground.ts';
import { PostgresGround } from './postgres-ground.ts';
import { losePowerOften } from './power-losses.ts';
import { SqliteGround } from './sqlite-ground.ts';

/** The seed of this run's power failures: `POWER_SEED`, or chance. */
const SEED = Number(process.env['POWER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = { timeout: 25 * 60_000 } as const;

/** A database, and a setting of it with which it does not wait for the disk. */
interface Candidate {
  readonly name: string;
  readonly ground: () => Promise<Ground>;
  readonly careless: { readonly setting: string; readonly ground: () => Promise<Ground> };
}

const CANDIDATES: readonly Candidate[] = [
  {
    name: 'SQLite',
    ground: async () => new SqliteGround(),
    careless: { setting: 'synchronous: NORMAL', ground: async () => new SqliteGround('NORMAL') },
  },
  {
    name: 'Postgres',
    ground: () => PostgresGround.start(),
    careless: { setting: 'synchronous_commit = off', ground: () => PostgresGround.start({ synchronous_commit: 'off', wal_writer_delay: '10s' }) },
  },
];

/** @param failures of the power, on each database */
export async function powerLossTests(failures: number): Promise<void> {
  await describeOnForgetfulDisk('power failures', () => {
    for (const { name, ground, careless } of CANDIDATES) {
      test(`${name}: after ${failures} of them what was told is there, every message has one effect, keys are in order (seed ${SEED})`, PATIENT, async () => {
        await using on = await ground();
        const { losses, unseen, audit } = await losePowerOften(on, failures, SEED);
        expect(audit.faults).toEqual([]);
        expect(unseen).toEqual([]);
        expect(audit.placed).toBeGreaterThanOrEqual(failures);
        expect(losses.some(({ unflushed }) => unflushed > 0)).toBe(true);
      });

      test(`${name} with ${careless.setting} loses what was told: the disk forgets (seed ${SEED})`, PATIENT, async () => {
        await using on = await careless.ground();
        const { audit } = await losePowerOften(on, 2, SEED);
        expect(audit.faults).not.toEqual([]); // orders that were told, or, with what told of the consumers, all that was published before they came back
      });
    }
  });
}
