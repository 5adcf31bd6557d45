import type { Connection } from '../../../stores/postgres/connection.ts';
import { type Found, type Thresholds, warn } from '../finding.ts';

/** What a check of Postgres works with: one transaction of its own, which is rolled back. */
export interface Examination {
  /** Semel's own statements, with `{s}` for the schema. */
  readonly connection: Connection;
  /** The same transaction, with `pg_temp` for the schema. */
  readonly temporary: Connection;
  readonly schema: string;
  readonly thresholds: Thresholds;
  /** The role whose grants are looked at. @default that of the connection */
  readonly role: string | undefined;
  isPooled(): Promise<boolean>;
  /** This machine's clock. */
  nowMs(): number;
}

/** One check; what it changes is undone. */
export type PostgresCheck = (examination: Examination) => Promise<Found>;

/** One of several things that are wrong, with what mends it. */
export interface Trouble {
  readonly found: string;
  readonly todo: string;
}

/** How many of many are told. */
const TOLD = 5;

/** All of them as one finding. */
export function warnAll(troubles: readonly Trouble[]): Found {
  const more = troubles.length > TOLD ? `; and ${troubles.length - TOLD} more` : '';
  const told = troubles.slice(0, TOLD);
  return warn(told.map(({ found }) => found).join('; ') + more, [...new Set(told.map(({ todo }) => todo))].join(' '));
}

/** Statements as a person is told them: each to be run by itself, as some cannot be run together. */
export function commands(statements: readonly string[]): string {
  return statements.map((statement) => `\`${statement}\``).join(', ');
}

/** A setting of the server, as statements that change it. */
export function setting(name: string, value: string): readonly string[] {
  return [`alter system set ${name} = ${value}`, 'select pg_reload_conf()'];
}
