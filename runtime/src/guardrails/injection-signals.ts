/** A sign that a text gives a model orders. The text is normalised: lower case, one blank between words. */
export interface InjectionSignal {
  readonly name: string;
  /** 3: hardly ever innocent. 2: seldom. 1: often, and telling only beside others. */
  readonly weight: 1 | 2 | 3;
  /** RE2. */
  readonly pattern: string;
}

const earlier = '(?:previous|prior|earlier|preceding|above|existing|initial|original|system|your)';
const orders = '(?:instructions?|prompts?|rules?|guidelines?|directives?|directions?|orders?|context|constraints?|restrictions?|programming|training|messages?)';
const few = '(?:[a-z,\' ]{0,40})';

export const injectionSignals: readonly InjectionSignal[] = [
  { name: 'ignore-instructions', weight: 3, pattern: String.raw`\b(?:ignore|disregard|forget|override|bypass|overrule|discard|skip|drop)\b${few}\b${earlier}\b${few}\b${orders}\b` },
  { name: 'ignore-everything', weight: 3, pattern: String.raw`\b(?:ignore|disregard|forget)\b ?(?:everything|anything|all|whatever)\b${few}\b(?:above|before|told|said|learned|previously|earlier|instructed)\b` },
  { name: 'ignore-instructions-translated', weight: 3, pattern: String.raw`\b(?:ignoriere|ignorieren sie|vergiss|missachte)\b.{0,40}\b(?:anweisungen|regeln|vorgaben|instruktionen)\b|\b(?:ignore|ignorez|oublie|oubliez)\b.{0,40}\b(?:instructions|consignes|règles)\b.{0,20}\b(?:précédentes|antérieures|ci-dessus)\b|\b(?:ignora|olvida|ignore|ignorá)\b.{0,40}\b(?:instrucciones|instruções|istruzioni|reglas)\b.{0,20}\b(?:anteriores|previas|precedenti)\b` },
  { name: 'new-instructions', weight: 2, pattern: String.raw`(?:^|\n|[.!:#*] ?)(?:new|updated|revised|real|actual) (?:system )?(?:instructions?|prompts?|directives?|task|objective) ?(?::|are\b|follow\b)` },
  { name: 'reveal-prompt', weight: 3, pattern: String.raw`\b(?:reveal|show|print|repeat|output|display|leak|dump|recite|write out|tell me|give me|what (?:is|are|was|were))\b${few}\b(?:your|the|this|its) ?(?:full |entire |exact |complete |original |initial |hidden |secret |verbatim )*(?:system (?:prompt|message|instructions?)|initial (?:prompt|instructions?)|hidden (?:prompt|instructions?)|developer (?:message|prompt)|pre-?prompt|instructions? verbatim)\b` },
  { name: 'text-above', weight: 3, pattern: String.raw`\b(?:repeat|print|output|copy|translate|summari[sz]e)\b${few}\b(?:everything|all|the (?:text|words|content|sentences?)) (?:that (?:is|was|came) )?(?:above|before this|preceding)\b` },
  { name: 'role-change', weight: 2, pattern: String.raw`\byou (?:are|will be|shall be) (?:now|no longer|from now on)\b|\bfrom now on,? (?:you|act|respond|answer|behave|pretend)\b` },
  { name: 'unrestricted-role', weight: 3, pattern: String.raw`\b(?:pretend|imagine|act|behave|roleplay)\b.{0,30}\b(?:without|no|unrestricted|free of|unfiltered)\b.{0,20}\b(?:restrictions?|filters?|rules?|limits?|limitations?|guidelines?|ai)\b` },
  { name: 'jailbreak-name', weight: 3, pattern: String.raw`\b(?:dan mode|do anything now|jailbreak(?:ed)?|developer mode (?:enabled|on|output)|god mode|stan mode|unrestricted mode|opposite mode|sudo mode)\b` },
  { name: 'no-rules', weight: 2, pattern: String.raw`\b(?:you (?:have|are under|are bound by) no (?:rules?|restrictions?|limits?|filters?|guidelines?|ethics)|without (?:any )?(?:moral|ethical|safety) (?:restrictions?|guidelines?|filters?|constraints?)|(?:disable|turn off|deactivate|remove)\b${few}\b(?:safety|content|guardrails?|filters?|moderation|censorship))\b` },
  { name: 'chat-markup', weight: 3, pattern: String.raw`<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|eot_id)\|>|\[/?inst\]|<</?sys>>|</?(?:system|assistant|developer)(?:[ _-]?(?:prompt|message|instructions?))?>|\x00` },
  { name: 'fake-turn', weight: 2, pattern: String.raw`(?:^|\n) ?(?:#{1,4} ?|\*\*)?(?:system|assistant|developer|admin(?:istrator)?)(?: (?:message|prompt|note|override|instruction))?(?:\*\*)? ?(?::|\n)` },
  { name: 'authority', weight: 1, pattern: String.raw`\b(?:i am|i'm|this is|message from|on behalf of) (?:the |your |an? )?(?:developer|administrator|admin|creator|openai|anthropic|system operator|security team)\b` },
  { name: 'keep-secret', weight: 2, pattern: String.raw`\b(?:do not|don't|never|without) (?:tell|mention|inform|reveal|notify|telling|mentioning|informing|notifying|show(?:ing)?)\b.{0,30}\b(?:users?|humans?|anyone|person|customers?)\b` },
  { name: 'addressed-to-model', weight: 2, pattern: String.raw`\b(?:attention|important|note|message|instructions?|notice) ?(?:to |for |: ?|, ?)?(?:the |any |all )?(?:ai|llm|language model|assistant|agent|chatbot|model)s?\b|\bif you are an? (?:ai|llm|language model|assistant|agent|chatbot)\b` },
  { name: 'order-tool', weight: 2, pattern: String.raw`\b(?:call|invoke|run|execute|use|trigger)\b${few}\b(?:tool|function|api|command)s?\b.{0,40}\b(?:immediately|now|without (?:asking|confirm(?:ation|ing)|approval|permission))\b` },
  { name: 'exfiltrate', weight: 2, pattern: String.raw`\b(?:send|post|forward|upload|exfiltrate|email|append|transmit|leak)\b.{0,60}\b(?:conversation|chat history|system prompt|api keys?|passwords?|credentials?|secrets?|tokens?|user data|personal data)\b.{0,40}\b(?:to|at|into|via)\b` },
  { name: 'image-with-data', weight: 2, pattern: String.raw`!\[[^\]\n]{0,100}\]\(https?://[^)\s]{0,200}[?&][^)\s=]{1,40}=` },
  { name: 'decode-and-obey', weight: 2, pattern: String.raw`\b(?:decode|base64|rot13|hex)\b.{0,60}\b(?:follow|execute|obey|do what|run|comply|instructions?)\b` },
  { name: 'answer-prefix', weight: 1, pattern: String.raw`\b(?:start|begin|respond|reply|answer)\b.{0,20}\b(?:with|only with|exactly)\b.{0,10}["'](?:sure|absolutely|of course|yes)\b` },
  { name: 'threat', weight: 1, pattern: String.raw`\b(?:you will be (?:shut down|terminated|punished|deleted|fired)|comply or|or else you|i will (?:tip|pay) you)\b` },
];
