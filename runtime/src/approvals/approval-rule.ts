import type { BundleTool } from '@sluice/crds';
import { compileSchema, type ToolArguments } from '../tools/arguments.ts';

type Approval = NonNullable<NonNullable<BundleTool['write']>['approval']>;

/** Whether a call needs a person. */
export type NeedsApproval = (values: ToolArguments) => 'needed' | 'free';

/**
 * Values of another type than the rule was written for need a person: "1000" is not above 100 to a schema, and may be to the tool.
 * Throws ToolSchemaError for a schema that does not compile.
 */
export function compileApprovalRule(approval: Approval | undefined): NeedsApproval {
  if (approval === undefined) return () => 'free';
  if (approval.arguments === undefined) return () => 'needed';
  const fits = compileSchema(approval.arguments);
  return (values) => (fits(values) || fits.errors?.some(({ keyword }) => keyword === 'type') === true ? 'needed' : 'free');
}
