import { compileExpression, ExpressionError } from './jmespath.ts';
import { failedAttempt, type Attempt, type ToolRunner } from './tool-runner.ts';

/** A tool that computes from its arguments. Throws ExpressionError. */
export function createTransformRunner({ expression, parameters }: { readonly expression: string; readonly parameters: ToolRunner['parameters'] }): ToolRunner {
  const compiled = compileExpression(expression);
  const run = (values: unknown): Attempt => {
    try {
      return { kind: 'ok', content: JSON.stringify(compiled(values) ?? null), cut: 'whole' };
    } catch (error) {
      if (error instanceof ExpressionError) return failedAttempt('error', `the arguments do not fit the expression of the tool: ${error.message}`);
      throw error;
    }
  };
  return { parameters, prepare: ({ values }) => ({ ok: true, run: async () => run(values) }) };
}
