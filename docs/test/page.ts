import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A page of the documentation. */
export interface Page {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** README.md and every page of `docs`. */
export function pages(): readonly Page[] {
  const paths = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'))];
  return paths.sort().map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** A page whose examples run on a Postgres, whose address they find in `DATABASE_URL`. */
export function isRecipe({ path }: Page): boolean {
  return path.startsWith('docs/postgres/');
}

/** The first block of a page that is in this language. */
export function blockOf({ text }: Page, language: string): string | undefined {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(text)?.[1];
}

/**
 * The `ts` blocks of a page as one program: each line stands where it stands in the page, so that errors name the page's lines.
 *
 * @returns undefined where the page has no such block
 */
export function programOf({ text }: Page): string | undefined {
  let inside = false;
  let found = false;
  const lines = text.split('\n').map((line) => {
    if (line.startsWith('```')) {
      inside = !inside && line === '```ts';
      found ||= inside;
      return '';
    }
    return inside ? line : '';
  });
  return found ? lines.join('\n') : undefined;
}

/** What a program says that it prints: the texts after `// → `, in order. */
export function statedOutput(program: string): readonly string[] {
  return program.split('\n').flatMap((line) => /\/\/ → (.*)$/.exec(line)?.[1] ?? []);
}
