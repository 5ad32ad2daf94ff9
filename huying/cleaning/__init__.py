"""What strangers send is made anew before it is kept, so that only what one sees, hears or reads is left of it.

Pictures are drawn again; of sound and PDF those parts are copied that the kind needs. What a file is, its content
says and never its name. The work is done in a process of its own, which has neither keys nor a database.
"""
