export { compileExpectation, type GradingModels } from './graders/compile-expectation.ts';
export type { Finding } from './graders/finding.ts';
export { gradeTranscript, maximumAnswerCharacters } from './graders/grade-transcript.ts';
export { GraderError, type Grader, type GradingContext } from './graders/grader.ts';
export type { Judge, Judgement, JudgeQuestion } from './graders/judge/judge.ts';
export type { Embedder } from './graders/similarity/embedder.ts';
export type { Transcript, TranscriptToolCall } from './transcript.ts';
