export const help = `Usage: kubectl sluice eval run --local -f FILE [-f FILE ...] --suite FILE [options]
       kubectl sluice eval run --local --url URL --suite FILE [options]

Runs an EvalSuite on this machine with the code that the Jobs of a cluster run, and ends with the verdict that the cluster would
come to: a pull request is gated before the cluster is. The agent is started here from its manifests (AgentDeployment,
ModelProvider, and the ConfigMap of its prompt), its tools make reads and send no writes; or one that runs somewhere is asked.
With a baseline both answer the same cases, and the paired verdict decides. Needs no cluster.
Keys: SLUICE_PROVIDER_API_KEY or SLUICE_PROVIDER_API_KEY_FILE; for a provider's own endpoint ANTHROPIC_API_KEY or OPENAI_API_KEY
too; SLUICE_AGENT_TOKEN (bearer) for --url. Nothing of questions, answers or keys is printed or kept.

Options:
      --local             on this machine; in a cluster the operator runs suites by itself
  -f, --filename FILE     manifests of the agent; a folder, or "-"; may be repeated
      --url URL           ask the agent at this address instead: cases with a history, stubs, expect.tools or a judge have no
                          result there; with -f, the gate of the AgentDeployment still says what is needed
      --agent NAME        which AgentDeployment, where the manifests hold several
      --suite FILE        manifest of the EvalSuite
      --cases FILE        further cases: JSONL, or a promptfoo configuration (.yaml); streamed
      --baseline FILE|URL the stable agent: its manifests (may be repeated; what they lack is taken from -f), or its address
      --min-pass PERCENT  share of the cases that must pass; default: that of the agent's gate, else 100 without a baseline
      --margin POINTS     drop of the mean score that is allowed against the baseline; default: that of the gate, else 10
      --results FOLDER    keep results there: a run that was broken off goes on, and a baseline is asked once
      --out FILE          JUnit XML, with a test case for the verdict
      --markdown FILE     report for a comment on a pull request
      --embedding FOLDER  embedding model for expect.similarTo: model.safetensors and tokenizer.json
      --concurrency N     cases at a time; default: that of the suite
      --max-dollars N     no further case of an agent is begun after that; so does --max-time SPAN, such as 10m
      --max-time SPAN     what is left without a result is never a pass; the lower one of this and spec.budget counts
      --mlflow URL        tell the run to this MLflow tracking server (MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and
                          MLFLOW_TRACKING_PASSWORD); an error there never changes the verdict
      --mlflow-experiment NAME
                          its experiment; default: sluice/ and the name of the suite
  -o, --output json       for programs; default: text for people
  -h, --help              this text

Exit code: 0 Pass; 1 Fail; 5 Inconclusive; 6 NotMeasured; 64 when the command line is wrong; 65 when a manifest, a case or the key
is; 66 when a file cannot be read; 73 when one cannot be written; 130 after Ctrl-C.`;
