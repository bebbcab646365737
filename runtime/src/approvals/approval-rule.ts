import type { BundleTool } from '@sluice/crds';
import { compileArguments, type ToolArguments } from '../tools/arguments.ts';

type Approval = NonNullable<NonNullable<BundleTool['write']>['approval']>;

/** Whether a call needs a person. */
export type NeedsApproval = (values: ToolArguments) => 'needed' | 'free';

/** Throws ToolSchemaError for a schema that does not compile. */
export function compileApprovalRule(approval: Approval | undefined): NeedsApproval {
  if (approval === undefined) return () => 'free';
  if (approval.arguments === undefined) return () => 'needed';
  const check = compileArguments(approval.arguments);
  return (values) => (check(JSON.stringify(values)).ok ? 'needed' : 'free');
}
