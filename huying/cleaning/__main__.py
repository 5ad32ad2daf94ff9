from .cleaner import main

main()
