"""Events of the alarms."""

from ressort.core.journal import declare

declare("controlroom.rule.written", "Règle d'alarme écrite.", "rule", "active", "shadow")
declare("controlroom.alarm.raised", "Alarme levée, gravité {severity}.", "rule", "device", "severity")
declare("controlroom.alarm.risen", "Alarme aggravée, gravité {severity}.", "rule", "device", "severity")
declare("controlroom.alarm.ended", "Alarme finie.", "rule", "device", "severity")
declare("controlroom.alarm.escalated", "Alarme sans réponse.", "rule", "device", "severity")
declare("controlroom.alarm.taken", "Alarme prise.", "rule", "device")
declare("controlroom.alarm.shelved", "Alarme mise de côté pour {minutes} min.", "rule", "device", "minutes")
declare("controlroom.alarm.returned", "Alarme remise à prendre.", "rule", "device")
