"""呼应 Huying: a closed-loop citizen-request system."""
