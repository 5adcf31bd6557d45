import { createHash } from 'node:crypto';
import { SemelError } from './errors.ts';
import { VERSION } from './version.ts';

/** One step of a store's schema. Steps are never edited once released: their checksum is recorded. */
export interface SchemaStep {
  readonly version: number;
  readonly name: string;
  /** The oldest version of Semel that may still use the schema after this step. */
  readonly oldest: string;
  readonly sql: string;
}

/** A step that a database went through. */
export interface AppliedStep {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly appliedAtMs: number;
  readonly oldest: string;
}

/** What a database has, and what it lacks. */
export interface SchemaStatus {
  readonly applied: readonly AppliedStep[];
  readonly pending: readonly { readonly version: number; readonly name: string }[];
}

/**
 * Whether this version can use a schema. An unknown step of a newer Semel is fine as long as it still admits this version: that is how a rolling upgrade works.
 * @throws SemelError `schema-newer`, `schema-changed`
 */
export function checkApplied(steps: readonly SchemaStep[], applied: readonly AppliedStep[]): void {
  for (const { version, name, oldest, checksum: recorded } of applied) {
    if (isOlder(VERSION, oldest))
      throw new SemelError('schema-newer', `the schema step ${version} (${name}) needs Semel ${oldest} or later; this is ${VERSION}`, { details: { oldest } });
    const known = steps.find((step) => step.version === version);
    if (known !== undefined && checksumOf(known) !== recorded)
      throw new SemelError('schema-changed', `the schema step ${version} (${name}) was applied in another form than this version ships`);
  }
}

/** The steps that are still to be made. */
export function pendingSteps(steps: readonly SchemaStep[], applied: readonly AppliedStep[]): readonly SchemaStep[] {
  return steps.filter(({ version }) => !applied.some((done) => done.version === version));
}

/** What a database has and lacks. */
export function statusOf(steps: readonly SchemaStep[], applied: readonly AppliedStep[]): SchemaStatus {
  return { applied, pending: pendingSteps(steps, applied).map(({ version, name }) => ({ version, name })) };
}

/** Refuses a database where a step is pending. @throws SemelError `schema-missing`, `schema-outdated` */
export function requireUpToDate(steps: readonly SchemaStep[], applied: readonly AppliedStep[]): void {
  const missing = pendingSteps(steps, applied);
  if (missing.length === 0) return;
  if (applied.length === 0) throw new SemelError('schema-missing', "the database has none of Semel's tables");
  throw new SemelError('schema-outdated', `the schema lacks ${missing.map(({ version, name }) => `${version} (${name})`).join(', ')}`);
}

/** What is recorded of a step, so that a later change of it is seen. */
export function checksumOf(step: SchemaStep): string {
  return createHash('sha256').update(step.sql).digest('base64url');
}

function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(/[.+-]/, 3).map(Number);
  const [a, b] = [parts(version), parts(than)];
  const index = a.findIndex((part, at) => part !== b[at]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}
