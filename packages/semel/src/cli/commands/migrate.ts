import type { Command } from 'commander';
import { SemelError } from '../../core/errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { Act, Invocation } from '../invocation.ts';
import { targetOf } from '../target/address.ts';
import type { Schema, SchemaOptions, SchemaStep, Target } from '../target/target.ts';
import { withStore } from '../with-store.ts';

interface MigrateOptions extends SchemaOptions {
  readonly print?: boolean;
  readonly check?: boolean;
}

/** `semel migrate`: brings the schema up to date, says whether it is, or prints its SQL. */
export function addMigrate(program: Command, act: Act): void {
  program
    .command('migrate')
    .description("apply the pending steps of Semel's schema; makes the file or the schema where there is none")
    .option('--check', `change nothing; exit ${EXIT_CODES.findings} if a step is pending`)
    .option('--print', 'change nothing; print the SQL of all steps')
    .option('--role <name>', 'with --print, for Postgres: with the grants for a role that owns nothing')
    .option('--schema <name>', 'with --print, for Postgres: the schema, where no store names it')
    .option('--publication', 'with --print, for Postgres: with the publication for relays that read the log')
    .action(
      act<MigrateOptions>(async (invocation) => {
        const { print, role, schema, publication } = invocation.options;
        if (print) return printSql(invocation);
        if (role !== undefined || schema !== undefined || publication !== undefined)
          throw new SemelError('bad-option', '--role, --schema and --publication go with --print; an address names its schema itself: postgres://…?schema=…');
        return invocation.options.check ? check(invocation) : apply(invocation);
      }),
    );
}

/** Needs no store: without one it is SQLite's, or that of Postgres where it is asked for what only that has. */
function printSql({ options, world, print }: Invocation<MigrateOptions>): ExitCode {
  const { role, schema, publication } = options;
  const given = { ...(role === undefined ? {} : { role }), ...(schema === undefined ? {} : { schema }), ...(publication === undefined ? {} : { publication }) };
  const fallback = Object.keys(given).length === 0 ? 'sqlite:-' : 'postgres:';
  const sql = targetOf((options.store ?? world.env['SEMEL_STORE']) || fallback, world.env).schemaSql(given);
  print({ json: { sql }, text: () => sql });
  return EXIT_CODES.ok;
}

/** Where nothing is pending the store is opened, too: that finds steps that are newer, or were altered. */
async function check({ world, target, print }: Invocation<MigrateOptions>): Promise<ExitCode> {
  const store = target();
  const { applied, pending } = await store.schemaStatus();
  if (pending.length === 0) await withStore(store.existing(), world, async () => {});
  print({ json: jsonOf(store, [], pending), text: () => (pending.length === 0 ? upToDate(applied) : told('pending', pending)) });
  return pending.length === 0 ? EXIT_CODES.ok : EXIT_CODES.findings;
}

async function apply({ world, target, print }: Invocation<MigrateOptions>): Promise<ExitCode> {
  const store = target();
  const before = await store.schemaStatus();
  await withStore(store.migrating(), world, async () => {});
  const { applied, pending } = await store.schemaStatus();
  const added = applied.filter(({ version }) => !before.applied.some((step) => step.version === version));
  print({ json: jsonOf(store, added, pending), text: () => (added.length === 0 ? upToDate(applied) : told('applied', added)) });
  return EXIT_CODES.ok;
}

function jsonOf({ address }: Target, applied: Schema['applied'], pending: Schema['pending']): object {
  const plain = (steps: readonly SchemaStep[]) => steps.map(({ version, name }) => ({ version, name }));
  return { store: address, applied: plain(applied), pending: plain(pending) };
}

function told(what: string, steps: readonly SchemaStep[]): string {
  return steps.map(({ version, name }) => `${what}  step ${version} (${name})\n`).join('');
}

function upToDate(applied: Schema['applied']): string {
  return `up to date, step ${applied.at(-1)?.version}\n`;
}
