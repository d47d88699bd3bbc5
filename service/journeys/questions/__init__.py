"""What an analyst may ask of many journeys.

A question is checked when it is made (BadInput says what is wrong), says what must be read (`wanted`) and which
names it uses (`names`), and answers from the journeys that were read (`answer`). Pure; the algorithms lie beside.
"""
