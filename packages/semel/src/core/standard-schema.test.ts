import { describe, expect, expectTypeOf, it } from 'vitest';
import { type InferInput, type InferOutput, type SchemaIssue, type SchemaResult, type StandardSchema, validate } from './standard-schema.ts';

const schemaOf = <Output>(check: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>): StandardSchema<unknown, Output> => ({
  '~standard': { version: 1, vendor: 'test', validate: check },
});
const failing = (...issues: SchemaIssue[]) => schemaOf<never>(() => ({ issues }));
const length = schemaOf((value) => ({ value: String(value).length }));

describe('validate', () => {
  it('is synchronous where the schema is, and gives what it made', () => {
    expect(validate(length, 'four', 'topic orders')).toBe(4);
  });

  it('is a promise where the schema gives one', async () => {
    const late = validate(
      schemaOf(async (value) => ({ value: [value] })),
      1,
      'topic orders',
    );
    expect(late).toBeInstanceOf(Promise);
    expect(await late).toEqual([1]);
    const refused = validate(
      schemaOf(async () => ({ issues: [{ message: 'is late' }] })),
      1,
      'topic orders',
    );
    await expect(refused).rejects.toMatchObject({ code: 'schema-invalid', message: 'topic orders does not fit its schema: $ is late' });
  });

  it('names place and fault of each issue, and never the value', () => {
    const schema = failing({ message: 'is required', path: ['lines', { key: 0 }, 'sku'] }, { message: 'is odd' }, { message: 'x'.repeat(500), path: [] });
    expect(() => validate(schema, { password: 'hunter2' }, 'topic orders')).toThrow(
      expect.objectContaining({
        code: 'schema-invalid',
        message: `topic orders does not fit its schema: $.lines[0].sku is required; $ is odd; $ ${'x'.repeat(200)}`,
        details: {
          issues: [
            { path: '$.lines[0].sku', message: 'is required' },
            { path: '$', message: 'is odd' },
            { path: '$', message: 'x'.repeat(200) },
          ],
        },
      }),
    );
  });

  it('tells ten issues at most', () => {
    const schema = failing(...Array.from({ length: 13 }, (_, index) => ({ message: 'is wrong', path: [index] })));
    expect(() => validate(schema, null, 'topic orders')).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/\$\[9\] is wrong; and 3 more$/),
        details: { issues: expect.toSatisfy((issues: unknown[]) => issues.length === 10) },
      }),
    );
  });

  it('leaves what the schema throws as it is', () => {
    const bug = new Error('bug');
    const schema = schemaOf(() => {
      throw bug;
    });
    expect(() => validate(schema, 1, 'topic orders')).toThrow(bug);
  });
});

describe('types', () => {
  it('infers input and output from what a schema declares', () => {
    type Dates = StandardSchema<{ at: string }, { at: Date }>;
    expectTypeOf<InferInput<Dates>>().toEqualTypeOf<{ at: string }>();
    expectTypeOf<InferOutput<Dates>>().toEqualTypeOf<{ at: Date }>();
  });
});
