/** What a cluster's name may be, in words that follow "use". */
export const NAME_RULE = '1 to 40 lower-case letters, digits and dashes, no dash at either end';

const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Whether a cluster may have the name; it becomes part of paths, so nothing else is let through. */
export function isClusterName(name: string): boolean {
  return NAME_PATTERN.test(name);
}
