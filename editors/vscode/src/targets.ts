/** The targets that a file is checked for: what the status bar shows, and the picker that changes them. */

import * as vscode from "vscode";

/** What the server answers to `usock-lint/targets`. */
export interface Targets {
  /** The targets in force, as a user writes them. */
  targets: string[];
  /** Where they were set: a file, this editor, installed stubs; "" where they are the default. */
  origin: string;
  /** The ports that there are. */
  ports: string[];
}

/** What the status bar says of them. */
export function described(found: Targets): { text: string; tooltip: string } {
  const origin = found.origin || vscode.l10n.t("the default; click to choose");
  return {
    text: `$(circuit-board) ${found.targets.join(", ")}`,
    tooltip: vscode.l10n.t("usock-lint checks for {0} ({1})", found.targets.join(", "), origin),
  };
}

/** Ask for targets; undefined if none were chosen, an empty list for those of the project. */
export async function choose(found: Targets, chosen: readonly string[]): Promise<string[] | undefined> {
  const project: vscode.QuickPickItem = { label: vscode.l10n.t("As the project says") };
  const typed: vscode.QuickPickItem = { label: vscode.l10n.t("Type boards and releases ...") };
  const ports = found.ports.map((label) => ({ label, picked: chosen.includes(label) }));
  const picked = await vscode.window.showQuickPick([project, typed, ...ports], {
    canPickMany: true,
    title: vscode.l10n.t("The boards to check for"),
    placeHolder: vscode.l10n.t("Ports; choose nothing for what the project says"),
  });
  if (picked === undefined) {
    return undefined;
  }
  const names = picked.filter((item) => item !== project && item !== typed).map((item) => item.label);
  if (picked.includes(typed)) {
    const text = await vscode.window.showInputBox({
      prompt: vscode.l10n.t("Targets, separated by commas, such as esp32>=1.22, picow"),
      value: (names.length ? names : chosen).join(", "),
    });
    return text?.split(",").map((word) => word.trim()).filter(Boolean);
  }
  return picked.includes(project) ? [] : names;
}
