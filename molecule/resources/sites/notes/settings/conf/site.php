<?php

return 'notes say 1';
