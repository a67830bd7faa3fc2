"""Every event of incidents, playbooks and situations, and how the timeline tells it."""

from ressort.core.journal import declare

declare("controlroom.incident.opened", "Incident {number} ouvert.",
        "number", "priority", "category", "source", "source_id", "exercise")  # fmt: skip
declare("controlroom.incident.taken", "Incident {number} pris en charge.", "number", "after_s")
declare("controlroom.incident.released", "Incident {number} rendu : à prendre en charge.", "number")
declare("controlroom.incident.changed", "Incident {number} modifié.", "number", "fields")
declare("controlroom.incident.reprioritised", "Incident {number} : priorité changée.",
        "number", "before", "priority")  # fmt: skip
declare(
    "controlroom.incident.logged", "Incident {number} : ligne de main courante.", "number", "line", "corrects"
)
declare("controlroom.incident.involved", "Incident {number} : organisme associé.", "number", "organisation")
declare("controlroom.incident.uninvolved", "Incident {number} : organisme retiré.", "number", "organisation")
declare(
    "controlroom.incident.shared", "Incident {number} partagé en lecture.", "number", "organisation", "until"
)
declare("controlroom.incident.unshared", "Incident {number} : partage arrêté.", "number", "organisation")
declare(
    "controlroom.incident.merged", "Incident {number} fusionné dans {into}.", "number", "into", "concerns"
)
declare("controlroom.incident.unmerged", "Incident {number} séparé de {into}.", "number", "into", "concerns")
declare(
    "controlroom.incident.closed",
    "Incident {number} clos.",
    "number",
    "outcome",
    "in_time",
    "exercise",
)
declare("controlroom.incident.reopened", "Incident {number} rouvert.", "number")
declare(
    "controlroom.incident.attached",
    "Incident {number} rattaché à une situation.",
    "number",
    "situation",
    "concerns",
)
declare(
    "controlroom.incident.detached",
    "Incident {number} détaché d'une situation.",
    "number",
    "situation",
    "concerns",
)
declare("controlroom.task.added", "Incident {number} : tâche ajoutée.", "number", "task")
declare("controlroom.task.done", "Incident {number} : tâche faite.", "number", "task")
declare("controlroom.task.undone", "Incident {number} : tâche à refaire.", "number", "task")
declare("controlroom.task.dropped", "Incident {number} : tâche abandonnée.", "number", "task")
declare("controlroom.file.joined", "Incident {number} : pièce jointe.", "number", "file", "mime", "size")
declare("controlroom.file.removed", "Incident {number} : pièce retirée.", "number", "file")
declare("controlroom.file.restored", "Incident {number} : pièce remise.", "number", "file")

declare("controlroom.playbook.drafted", "Version {version} d'une procédure préparée.", "version")
declare("controlroom.playbook.changed", "Brouillon d'une procédure modifié.", "steps", "faults")
declare("controlroom.playbook.discarded", "Brouillon d'une procédure abandonné.", "version")
declare(
    "controlroom.playbook.published", "Procédure publiée (version {version}).", "version", "steps", "replaces"
)
declare("controlroom.playbook.withdrawn", "Procédure retirée (version {version}).", "version")
declare("controlroom.run.started", "Procédure commencée sur {number}.", "number", "run", "playbook")
declare("controlroom.run.stepped", "Procédure sur {number} : étape {step} faite.",
        "number", "run", "step", "kind", "option", "skipped")  # fmt: skip
declare("controlroom.run.rung", "Procédure sur {number} : l'attente est finie.", "number", "run", "step")
declare(
    "controlroom.run.taken_back", "Procédure sur {number} : étape {step} reprise.", "number", "run", "step"
)
declare("controlroom.run.stopped", "Procédure arrêtée sur {number}.", "number", "run", "step")

declare(
    "controlroom.situation.opened",
    "Situation déclarée.",
    "kind",
    "level",
    "exercise",
    "alert",
    "presets",
    "area",
    "until",
)
declare("controlroom.situation.changed", "Situation mise à jour.",
        "kind", "level", "exercise", "alert", "fields", "until")  # fmt: skip
declare(
    "controlroom.situation.closed",
    "Situation terminée.",
    "kind",
    "level",
    "exercise",
    "alert",
    "incidents",
    "until",
)
