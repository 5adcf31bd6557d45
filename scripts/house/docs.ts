import ts from 'typescript';
import { type Finding, isTest, sources, type Tree } from './tree.ts';

/** Every declaration that a file of the library or of these scripts exports has JSDoc. */
export function docs(tree: Tree): readonly Finding[] {
  const scripts = [...tree.keys()].filter((file) => file.startsWith('scripts/') && file.endsWith('.ts') && !isTest(file));
  return [...sources(tree), ...scripts].flatMap((file) => {
    const source = ts.createSourceFile(file, tree.get(file) ?? '', ts.ScriptTarget.Latest, true);
    return undocumented(source).map((name) => ({
      file,
      line: source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1,
      message: `exported ${name.getText(source)} has no JSDoc: say what it guarantees`,
    }));
  });
}

/** The names of exported declarations without JSDoc. An overloaded function needs it once. */
function undocumented(source: ts.SourceFile): readonly ts.Node[] {
  const listed = exportedByList(source);
  const first = new Map<string, { readonly name: ts.Node; readonly documented: boolean }>();
  for (const statement of source.statements) {
    for (const [name, declaration] of declarationsOf(statement)) {
      const text = name.getText(source);
      if (!isExported(statement) && !listed.has(text)) continue;
      if (!first.has(text)) first.set(text, { name, documented: hasText(declaration) });
    }
  }
  return [...first.values()].filter(({ documented }) => !documented).map(({ name }) => name);
}

function declarationsOf(statement: ts.Statement): readonly (readonly [ts.Node, ts.Node])[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((declaration) => [declaration.name, statement]);
  const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [[statement.name, statement]] : [];
}

function isExported(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false);
}

/** What `export { a, b }` names; a re-export from another file is documented there. */
function exportedByList(source: ts.SourceFile): ReadonlySet<string> {
  const lists = source.statements.filter((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined) as ts.ExportDeclaration[];
  return new Set(
    lists.flatMap(({ exportClause }) =>
      exportClause !== undefined && ts.isNamedExports(exportClause) ? exportClause.elements.map((element) => (element.propertyName ?? element.name).text) : [],
    ),
  );
}

function hasText(declaration: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(declaration).some((part) => ts.isJSDoc(part) && (ts.getTextOfJSDocComment(part.comment) ?? '') !== '');
}
