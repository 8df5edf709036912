"""Certification: the questions, the rules that grade each answer, and the overall grade, which is the weakest one."""
