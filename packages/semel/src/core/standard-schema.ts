import { SemelError } from './errors.ts';
import { jsonPath } from './json-path.ts';

/**
 * What Semel asks of a schema: version 1 of Standard Schema (https://standardschema.dev), which Zod, Valibot, ArkType and others implement.
 * Declared here in the part that is used, so that none of them is a dependency.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: what it made of it, or what is wrong. */
export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type InferInput<Schema extends StandardSchema<unknown, unknown>> = NonNullable<Schema['~standard']['types']>['input'];

/** What a schema makes of it. */
export type InferOutput<Schema extends StandardSchema<unknown, unknown>> = NonNullable<Schema['~standard']['types']>['output'];

const MAX_ISSUES = 10;
const MAX_ISSUE_LENGTH = 200;

/**
 * What the schema makes of the value; a promise only where the schema validates asynchronously.
 *
 * @param where what is validated, for the message: `message orders/17`
 * @throws SemelError `schema-invalid` with the first ten issues, their paths and the schema's own words; a rejection where the schema is asynchronous
 */
export function validate<Output>(schema: StandardSchema<unknown, Output>, value: unknown, where: string): Output | Promise<Output> {
  const result = schema['~standard'].validate(value);
  return result instanceof Promise ? result.then((late) => outputOf(late, where)) : outputOf(result, where);
}

function outputOf<Output>(result: SchemaResult<Output>, where: string): Output {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, MAX_ISSUES).map(summary);
  const more = result.issues.length - issues.length;
  const list = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new SemelError('schema-invalid', `${where} does not fit its schema: ${list}${more > 0 ? `; and ${more} more` : ''}`, { details: { issues } });
}

function summary({ path = [], message }: SchemaIssue): { readonly path: string; readonly message: string } {
  const steps = path.map((step) => (typeof step === 'object' ? step.key : step));
  return { path: jsonPath(steps), message: message.slice(0, MAX_ISSUE_LENGTH).toWellFormed() };
}
