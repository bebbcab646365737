import { compile, TreeInterpreter } from '@jmespath-community/jmespath';

/** A JMESPath expression does not parse, or does not fit the data. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** A compiled expression. Throws ExpressionError for data that it does not fit. */
export type Expression = (data: unknown) => unknown;

type Data = Parameters<typeof TreeInterpreter.search>[1];

function orExpressionError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new ExpressionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Compiles JMESPath: a language without loops of its own, state or input and output. Throws ExpressionError. */
export function compileExpression(text: string): Expression {
  const tree = orExpressionError(() => compile(text));
  return (data) => orExpressionError(() => TreeInterpreter.search(tree, data as Data));
}
