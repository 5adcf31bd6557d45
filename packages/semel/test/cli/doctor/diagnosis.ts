import { expect } from 'vitest';
import type { Finding, Level } from '../../../src/cli/doctor/finding.ts';
import type { Circumstances } from '../../../src/cli/shop-fixture.ts';
import type { PostgresShop } from '../postgres-shop.ts';

/** What a check found, with the commands that it tells. */
export interface Diagnosis {
  readonly level: Level;
  readonly found: string;
  readonly todo: string;
  readonly commands: readonly string[];
}

/** What `semel doctor <options>` says of one check. */
export async function diagnose(shop: PostgresShop, check: string, options = '', circumstances: Circumstances = {}): Promise<Diagnosis> {
  const { stdout, stderr } = await shop.semel(`doctor --json ${options}`.trim(), circumstances);
  expect(stderr).toBe('');
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  const finding = findings.find((one) => one.check === check);
  if (finding === undefined) throw new Error(`doctor did not come to ${check}: ${JSON.stringify(findings.at(-1))}`);
  const { level, found, todo = '' } = finding;
  return { level, found, todo, commands: [...todo.matchAll(/`([^`]+)`/g)].map(([, command]) => command as string) };
}

/** Does what a finding tells: each command as it stands, on the command line or on the database. */
export async function run(shop: PostgresShop, ...commands: readonly (string | undefined)[]): Promise<void> {
  expect(commands).not.toEqual([]);
  for (const command of commands) {
    if (command?.startsWith('semel ')) expect(await shop.semel(command.slice('semel '.length))).toMatchObject({ exitCode: 0 });
    else await shop.alter(command ?? 'nothing was told');
  }
}
