"""How far the entries of a round have come, as officers see it: who is late, alarms, reminders, the calendar."""
