import { SemelError } from '../../core/errors.ts';
import type { Isolation } from './driver.ts';
import type { ReplicationModule } from './wal/replication.ts';

/** Options of a store on Postgres. */
export interface PostgresOptions {
  /** The schema that holds Semel's tables and nothing else. @default 'semel' */
  readonly schema?: string;
  /** Apply pending migrations when the store opens; otherwise a pending one is refused, and no DDL is ever run. @default false */
  readonly migrate?: boolean;
  /** How transactions with handlers see one another. @default 'read committed' */
  readonly isolation?: Isolation;
  /** How long a statement of such a transaction waits for a lock; 0 waits for ever. @default 5000 */
  readonly lockTimeoutMs?: number;
  /** How long such a transaction may do nothing before the server ends it, so that a worker that was stopped holds up nobody; 0 for ever. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** Wake other processes by NOTIFY. Without it, or where LISTEN cannot be had, they poll. @default true */
  readonly notify?: boolean;
  /** How routes learn what there is to relay. @default { mode: 'poll' } */
  readonly relay?: PostgresRelay;
}

/**
 * - `poll`: they ask the table. Any number of processes relays at once.
 * - `both`: so they do, and one of them, which reads the server's log, is told at once.
 * - `wal`: one of them relays what the log brings, and the others stand by; the table is read where the log does not tell.
 */
export type PostgresRelay = { readonly mode: 'poll' } | PostgresWalRelay;

/** Relaying by the log. */
export interface PostgresWalRelay {
  readonly mode: 'wal' | 'both';
  /** The module pg-logical-replication: `import * as replication from 'pg-logical-replication'`. */
  readonly replication: ReplicationModule;
  /** What a client of pg takes to connect to the server itself, with no pooler between, as a role with REPLICATION. */
  readonly connection: object;
}

/** Options with their defaults, checked and frozen. */
export type PostgresSettings = Readonly<Required<PostgresOptions>>;

const DEFAULTS: PostgresSettings = {
  schema: 'semel',
  migrate: false,
  isolation: 'read committed',
  lockTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  notify: true,
  relay: { mode: 'poll' },
};

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const ISOLATIONS: readonly unknown[] = ['read committed', 'repeatable read', 'serializable'];

interface Check {
  readonly wanted: string;
  holds(value: unknown): boolean;
}

const MILLISECONDS: Check = { wanted: 'a whole number of milliseconds, 0 or more', holds: (value) => Number.isInteger(value) && (value as number) >= 0 };
const YES_OR_NO: Check = { wanted: 'true or false', holds: (value) => typeof value === 'boolean' };

const CHECKS: { readonly [Name in keyof PostgresSettings]: Check } = {
  schema: {
    wanted: 'lower-case letters, digits and underscores, at most 63 of them, beginning with no digit',
    holds: (value) => typeof value === 'string' && IDENTIFIER.test(value),
  },
  migrate: YES_OR_NO,
  isolation: { wanted: "'read committed', 'repeatable read' or 'serializable'", holds: (value) => ISOLATIONS.includes(value) },
  lockTimeoutMs: MILLISECONDS,
  idleTimeoutMs: MILLISECONDS,
  notify: YES_OR_NO,
  relay: {
    wanted: "{ mode: 'poll' }, or { mode: 'wal' or 'both', replication: the module pg-logical-replication, connection: what pg takes to connect }",
    holds: (value) => isRelay(value),
  },
};

function isRelay(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { mode, replication, connection } = value as Partial<Record<keyof PostgresWalRelay, unknown>>;
  if (mode === 'poll') return true;
  const given = replication as Partial<ReplicationModule> | undefined;
  const isModule = typeof given?.LogicalReplicationService === 'function' && typeof given.PgoutputPlugin === 'function';
  return (mode === 'wal' || mode === 'both') && isModule && typeof connection === 'object' && connection !== null;
}

/**
 * Copies the options, fills in defaults and checks them. @param where the function that was given them
 * @throws SemelError `bad-option`, naming the option
 */
export function postgresSettings(where: string, options: PostgresOptions): PostgresSettings {
  for (const name of Object.keys(options)) {
    if (!(name in CHECKS)) throw new SemelError('bad-option', `${where} has no option ${name}; it has ${Object.keys(CHECKS).join(', ')}`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: PostgresSettings = { ...DEFAULTS, ...given };
  for (const [name, check] of Object.entries(CHECKS)) {
    if (!check.holds(settings[name as keyof PostgresSettings])) throw new SemelError('bad-option', `${where}: ${name} must be ${check.wanted}`);
  }
  return Object.freeze(settings);
}
