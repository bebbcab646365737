/** What each command is for, needs and ends with. */
const texts: Readonly<Record<string, { readonly summary: string; readonly about: string }>> = {
  serve: {
    summary: 'answers requests; the default',
    about: `Answers requests (/v1/invoke, /v1/stream, /v1/chat/completions, MCP, A2A, jobs), and /docs, /metrics, /healthz and /readyz, on SLUICE_PORT until SIGTERM;
then it lets what is under way end, SLUICE_DRAIN_TIMEOUT at the most.

  SLUICE_BUNDLE_FILE           the revision; default /etc/sluice/bundle/agent.json
  SLUICE_PROVIDER_API_KEY      the key of the model provider, or the file that holds it: SLUICE_PROVIDER_API_KEY_FILE
  SLUICE_ANONYMOUS_ACCESS      Allowed: whoever reaches it may ask. Without it, and without SLUICE_ACCESS_FILE and access in the bundle, nobody may (401)
  SLUICE_HOST, SLUICE_PORT     where it listens; default 0.0.0.0 and 8080
  SLUICE_STORE, SLUICE_REDIS   where sessions and jobs are kept; default SQLite in memory

By hand, in a clone after npm ci:
  SLUICE_ANONYMOUS_ACCESS=Allowed SLUICE_BUNDLE_FILE=agent.json npx node runtime/src/main.ts serve`,
  },
  worker: {
    summary: 'works on jobs, and answers nothing but its probes',
    about: `Takes jobs from the store that replicas of "serve" put them into, until SIGTERM. It takes the variables of "serve": SLUICE_STORE has to be the same store,
and SLUICE_JOB_CONCURRENCY says how many jobs it works on at once (4).`,
  },
  eval: {
    summary: 'holds a suite against the agent, and writes reports',
    about: `Asks the agent of SLUICE_BUNDLE_FILE the cases of SLUICE_EVAL_SUITE_FILE (the spec of an EvalSuite, as JSON) and prints the verdict. "kubectl sluice eval run --local"
does the same with manifests in place of these files. Writes of tools are checked and not sent.

  SLUICE_EVAL_SUITE_FILE                                   the suite
  SLUICE_EVAL_CASES_FILE                                   further cases: JSONL, or a promptfoo configuration
  SLUICE_EVAL_RESULTS_FILE                                 results log; what it holds is not asked again
  SLUICE_EVAL_BASELINE_FILE                                results log of the stable revision: the two are compared
  SLUICE_EVAL_JUNIT_FILE, SLUICE_EVAL_MARKDOWN_FILE        reports

All of them: docs/evaluations.md.`,
  },
  validate: {
    summary: 'checks variables, files and bundle; connects to nothing, needs no key',
    about: `Reads the variables, the files that they name and the bundle, and says in sentences all that is wrong (exit code 1), or what is valid (0), whether anybody
may ask, and which variables look misspelt. "--validate" with any other command is the same.`,
  },
  'print-config': {
    summary: 'prints every value in force with the layer that it is of',
    about: `One JSON object a line: the value, and whether it is a default, of a variable, the bundle, a tenant or a flag. Keys, headers, passwords in URLs and the prompt are
not shown. Connects to nothing and needs no key. "--print-config" with any other command is the same.`,
  },
  healthcheck: {
    summary: 'asks the server in this container whether it lives',
    about: `GET /healthz at SLUICE_HOST and SLUICE_PORT, two seconds at the most; exit code 0 for 200. For the HEALTHCHECK of the image, which has no curl.`,
  },
};

const width = Math.max(...Object.keys(texts).map((name) => name.length)) + 2;

const overview = `Usage: node runtime.js [COMMAND]        (in the image; in a clone, after npm ci: npx node runtime/src/main.ts [COMMAND])

The agent server of Sluice. What an agent does is in its bundle; how the process runs is said by variables (docs/runtime-settings.md).

Commands:
${Object.entries(texts).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`).join('\n')}

"COMMAND --help" explains a command. Exit code: 0, or 1 with sentences on standard error.`;

/** What every command is for, or the one that the arguments name. */
export function helpFor(given: readonly string[]): string {
  const name = given.find((argument) => Object.hasOwn(texts, argument));
  const text = name === undefined ? undefined : texts[name];
  return text === undefined ? overview : `Usage: node runtime.js ${name}        (in a clone: npx node runtime/src/main.ts ${name})\n\n${text.about}`;
}
