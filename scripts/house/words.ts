import type { Finding, Tree } from './tree.ts';

/** Folders of one machine; spelled apart, so that this file passes its own check. */
const MACHINE_FOLDERS: readonly string[] = ['work', 'home', 'Users'];
const ABSOLUTE = new RegExp(`(?<![\\w./:@-])/(${MACHINE_FOLDERS.join('|')})/\\w`);

/** No file names a folder of the machine it was written on. */
export function machinePaths(tree: Tree): readonly Finding[] {
  return [...tree].flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => {
      const found = ABSOLUTE.exec(line)?.[0];
      return found === undefined ? [] : [{ file, line: index + 1, message: `${found}… is a path of one machine: use a relative one` }];
    }),
  );
}
