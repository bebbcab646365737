type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const SET = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/;
const EQUALITY = /^\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)\s*$/;
const EXISTENCE = /^\s*(!?)\s*([^\s!=,()]+)\s*$/;

/**
 * Whether labels match a selector, by the API server's rules (`a=b,c!=d,e in (f,g),h notin (i),j,!k`). Answers true for a selector it
 * cannot read: the caller uses it to rule objects out, and a wrong "no" would be worse than waiting.
 */
export function labelMatcher(selector: string): (labels: Labels | undefined) => boolean {
  const requirements = selector.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '').map(parseRequirement);
  return (labels = {}) => requirements.every((fits) => fits(labels));
}

function parseRequirement(text: string): Requirement {
  const set = SET.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return operator === 'in' ? (labels) => key in labels && values.has(labels[key] ?? '') : (labels) => !(key in labels) || !values.has(labels[key] ?? '');
  }
  const equality = EQUALITY.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = EXISTENCE.exec(text);
  if (!existence) return () => true;
  const [, negated, key = ''] = existence;
  return negated === '!' ? (labels) => !(key in labels) : (labels) => key in labels;
}
